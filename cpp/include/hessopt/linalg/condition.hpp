// The 1-norm of H^-1 from a few solves, and with it the condition of H.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// |H|_1 of the lower triangle of a symmetric matrix.
template <Real T>
double symmetric_norm(const MatrixOf<T>& h);

// An estimate of |(L L')^-1|_1: a lower bound, rarely off by a factor of 3.
template <Real T>
double inverse_norm(const MatrixOf<T>& l);

}  // namespace hessopt
