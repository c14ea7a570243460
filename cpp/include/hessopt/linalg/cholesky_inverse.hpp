// (L L')^-1 and its diagonal, the variances of a normal law with precision L L'.
#pragma once

#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

template <Real T>
VectorOf<T> cholesky_inverse_diagonal(const MatrixOf<T>& l);

// The whole inverse, symmetric to the last bit.
template <Real T>
void cholesky_inverse(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> out);

}  // namespace hessopt
