// H x = b to the accuracy of float64 from a factor in float32.
#pragma once

#include "hessopt/core/matrix_view.hpp"

namespace hessopt {

// `b` becomes x; `norm` is |H|_1. False where it does not converge.
bool refined_solve(const MatrixOf<float>& l, const MatrixView<double>& h, double norm, Vector& b);

}  // namespace hessopt
