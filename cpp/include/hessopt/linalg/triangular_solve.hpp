// L x = b and L'x = b, for one right-hand side at the speed at which L is read, and for many.
#pragma once

#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// x <- L^-1 x; the lower triangle of `l` is read.
template <Real T>
void solve_lower(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x);

// x <- L^-T x
template <Real T>
void solve_lower_transposed(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x);

}  // namespace hessopt
