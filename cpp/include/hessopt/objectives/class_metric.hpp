// One metric for all classes of a softmax: where along the columns its loss is curved now.
//
// Its Hessian has the blocks X'diag(pi_k [k = m] - pi_k pi_m)X. Their mean over the directions in
// which probabilities can move is X'diag(w)X with w = (1 - sum_k pi_k^2) / (K - 1), the same for
// every class: at the start, where all classes are as likely, the covariance of the columns; near
// the end that of the rows that are still in doubt.
#pragma once

#include <optional>

#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt {

struct ClassMetric {
  Vector mean;       // of the columns, in those weights; empty without intercept
  Matrix factor;     // L of their covariances, of columns divided by their scales, L L' = C
  double curvature;  // of f along the columns of L'^-1: the mean of w
};

// At x, from rows 0, step, ...; the penalty counts as curvature. In the arithmetic of X. None where
// there is no curvature left, or columns lie too far from 0 for it.
std::optional<ClassMetric> class_metric(const SoftmaxModel& model, ConstVectorRef x,
                                        const Vector& scale, Index step);

}  // namespace hessopt
