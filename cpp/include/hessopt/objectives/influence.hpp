// What a row does to a fit, by the curvature H of the mean over all rows with its penalty:
// without row i of weight w_i a Newton step moves its predictor to
//   eta_i + r_i l'_i / (1 - h_i),   r_i = w_i z_i'H^-1 z_i,   h_i = r_i l''_i,
// where z_i is the row with the 1 of the intercept, and h_i, its leverage, is the derivative of its
// fitted value in its target. The leverages sum to the effective number of parameters.
//
// D. Pregibon, "Logistic regression diagnostics", Ann. Statist. 9 (1981).
#pragma once

#include <vector>

#include "hessopt/objectives/linear_model.hpp"

namespace hessopt {

struct Influence {
  Array predictor;  // eta_i
  Array slope;      // l'_i
  Array curvature;  // l''_i
  Array reach;      // r_i
};

// `hessian`: at x or near, about the means of the columns; NotPositiveDefinite where it is singular
// to working precision.
Influence influence(const LinearModel& f, ConstVectorRef x, const Matrix& hessian);

// The predictors of some rows after a second and a third such step, in two columns, all with the
// curvature at x: H_i = H - w_i l''_i z_i z_i' is that of the others. NaN of a row without which it
// is singular.
Matrix further_steps(const LinearModel& f, ConstVectorRef x, const Matrix& hessian,
                     const std::vector<Index>& rows);

// The loss of every row at other predictors than its own.
Array losses_at(const LinearModel& f, ConstVectorRef predictor);

}  // namespace hessopt
