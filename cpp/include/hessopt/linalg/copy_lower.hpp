// The lower triangle of a matrix of any strides as columns, for kernels that overwrite it.
#pragma once

#include "hessopt/core/matrix_view.hpp"

namespace hessopt {

// Entries above the diagonal of `to`, of the shape of `from`, stay as they are.
template <Real T>
void copy_lower(const MatrixView<T>& from, MatrixOf<T>& to);

}  // namespace hessopt
