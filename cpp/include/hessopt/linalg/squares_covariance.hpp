// (J'J)^-1 of an estimate by least squares, which says what the data leave open.
#pragma once

#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

struct SquaresCovariance {
  // inf on the diagonal and NaN beside it of parameters that the data leave open; NaN of those that
  // are not free.
  Matrix matrix;
  // Combinations of parameters that the data tell.
  Index rank = 0;
  // Directions of length 1 that change no residual, to first order, a column each.
  Matrix null_space;
};

// triangle: R of J = QR, of n columns; free: the parameters that lie on no bound; error: of J,
// relative to each column, by which a singular value is none.
SquaresCovariance squares_covariance(const Matrix& triangle, const std::vector<bool>& free,
                                     double error);

}  // namespace hessopt
