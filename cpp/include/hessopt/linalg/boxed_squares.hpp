// min |R s + b|^2 + lambda |D s|^2 where lower <= x + s <= upper.
#pragma once

#include "hessopt/linalg/damped_squares.hpp"

namespace hessopt {

// References to what a caller keeps for as long as this lives.
struct BoxedSquares {
  using Free = Eigen::Array<bool, Eigen::Dynamic, 1>;

  const Matrix& r;       // triangular
  const Vector& turned;  // b
  const Vector& scale;   // D
  const Vector& x;
  const Vector& lower;
  const Vector& upper;

  // Without bounds, of the coordinates that move, in units of D, beside a step that the others
  // take.
  DampedSquares damped(const Free& moving, const Vector& step) const;
  // s: what would leave the bounds is put on them and the rest solved again; then what the model
  // has move inwards is let go, one at a time. `first`: damped(moving, 0).
  Vector solve(double lambda, Free moving, const DampedSquares& first) const;
};

}  // namespace hessopt
