// L L' = H + E for a symmetric H that need not be positive definite, E >= 0 diagonal.
#pragma once

#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {

// Overwrites the lower triangle of `a` with L and returns the diagonal of E. A pivot lost in
// rounding counts as not positive.
template <Real T>
VectorOf<T> modified_cholesky(MatrixOf<T>& a);

}  // namespace hessopt
