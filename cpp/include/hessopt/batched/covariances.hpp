// Covariances of many small estimates by least squares.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

struct SquaresAt {
  Index problems, m, n;
  const double* r;    // problems x m
  const double* j;    // problems x m x n
  const bool* free;   // problems x n: of the parameters that lie on no bound
  const bool* found;  // problems: of those that have an estimate
};

// out, n x n of each: s^2 (J'J)^-1 with s^2 = r'r / (m - rank), or 1 where `is_absolute`; NaN where
// there is no estimate.
void batch_covariances(const SquaresAt& at, bool is_absolute, double* out);

}  // namespace hessopt
