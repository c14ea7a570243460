// The minimum of a quadratic beside an l1 penalty,
//   q(z) = g'(z - x) + (z - x)'H (z - x) / 2 + sum_j l1_j |z_j|,   H positive semidefinite.
//
// Coordinate descent finds which z_j are 0 and the signs of the others in a few sweeps, but their
// values only in hundreds where columns are correlated. With signs known the others solve a linear
// system, so once they rest one Cholesky factor of the support takes the whole way; where it would
// carry a coordinate across 0, that one stops there.
//
// J. Friedman, T. Hastie, R. Tibshirani, "Regularization paths for generalized linear models via
// coordinate descent", J. Stat. Softw. 33 (2010); R. Griesse, D. A. Lorenz, "A semismooth Newton
// method for Tikhonov functionals with sparsity constraints", Inverse Problems 24 (2008).
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// What is left of a derivative g of a smooth function beside l1 |x|: the element of least size of
// g + l1 [-1, 1] at 0, g + l1 sign(x) elsewhere.
inline double pseudo_gradient(double x, double g, double l1) {
  if (x > 0) return g + l1;
  if (x < 0) return g - l1;
  if (g > l1) return g - l1;
  return g < -l1 ? g + l1 : 0;
}

struct L1Minimum {
  Vector z;
  double decrease = 0;  // q(x) - q(z), where l1_j |x_j| counts in both
  double slope = 0;     // g'(z - x) + sum_j l1_j (|z_j| - |x_j|)
};

// H: all of it. Until what is left of the gradient of q is `tolerance` in every coordinate, or
// rounding hides it.
L1Minimum l1_minimum(const Matrix& h, const Vector& g, const Vector& x, const Vector& l1,
                     double tolerance);

}  // namespace hessopt
