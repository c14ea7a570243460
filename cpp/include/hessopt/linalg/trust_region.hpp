// The minimiser of a quadratic model within a ball,
//   min g'd + d'H d / 2   for |d| <= radius,
// from (H + lambda I) d = -g with H + lambda I positive semidefinite and lambda (radius - |d|) = 0.
//
// Newton's method on 1/|d(lambda)| - 1/radius, kept within bounds on lambda; where g has no part
// along the lowest eigenvector (the hard case) that direction is added up to the boundary.
// J. J. More, D. C. Sorensen, "Computing a trust region step", SIAM J. Sci. Stat. Comput. 4 (1983).
#pragma once

#include "hessopt/linalg/shifted_cholesky.hpp"

namespace hessopt {

struct RegionStep {
  Vector d;
  double lambda = 0;
  bool at_boundary = false;
};

RegionStep region_step(ShiftedCholesky& h, const Vector& g, double radius);

// tau >= 0 with |s + tau p| = radius, for s within it.
double to_boundary(const Vector& s, const Vector& p, double radius);

}  // namespace hessopt
