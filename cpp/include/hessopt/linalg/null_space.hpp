// The directions along which a positive semidefinite matrix is zero.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// A basis of the vectors v with H v = 0, a column each, for a positive semidefinite H of which the
// lower triangle is read. A pivot of `relative` times the largest diagonal entry counts as 0.
Matrix null_space(const Matrix& h, double relative);

}  // namespace hessopt
