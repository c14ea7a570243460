// The minimiser of a quadratic model within a box,
//   min q(s) = g's + s'B s / 2,  B = H + shift I,  low <= s <= high,  low <= 0 <= high.
//
// Newton's step on the face of those that no bound holds, searched along its projection onto the
// box; q falls with every step, and what it pulls off a bound is let go. B need only be positive
// definite on the first face: where it is not on a later one the iteration ends there.
//
// D. P. Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
// SIAM J. Control Optim. 20 (1982).
#pragma once

#include "hessopt/linalg/coordinates.hpp"
#include "hessopt/linalg/shifted_cholesky.hpp"

namespace hessopt {

struct BoxStep {
  Vector s;
  Coordinates face;  // the last one, on which B is positive definite
  Index factorizations = 0;
  bool is_minimum = false;
};

// `first`: the first face, in ascending order.
BoxStep box_step(const ShiftedCholesky& h, double shift, const Vector& g, const Vector& low,
                 const Vector& high, const Coordinates& first);

}  // namespace hessopt
