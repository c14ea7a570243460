// Linear least squares of many targets at once, and what is left of them.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

struct LinearFit {
  Matrix coefficients;  // c of min |A c - b|, a column each; 0 for columns of A that follow from
                        // others
  Matrix remainder;     // b - A c, which is orthogonal to A
  Index rank = 0;
};

// By QR with column pivoting of the columns of A at length 1; one that is shorter than `error`
// beside those before it follows from them. A and b are finite.
LinearFit linear_fit(Matrix a, Matrix b, double error);

}  // namespace hessopt
