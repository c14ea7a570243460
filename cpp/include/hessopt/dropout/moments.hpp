// Mean and variance of a linear predictor whose inputs are dropped:
//   E x~'w = x'w,   s^2 = Var x~'w = c sum_j x_j^2 w_j^2,   c = rate / (1 - rate) (inverted
//   scaling).
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

// s^2 of a block of rows as a function of w, with its Jacobian V = 2 c (x o x) diag(w), which only
// `jacobian` ever forms.
struct PredictorVariance {
  const RowBlock<double>& x;
  ConstVectorRef w;
  double odds;  // c

  Array value() const { return odds * (x.cwiseAbs2() * w.cwiseAbs2()).array(); }
  RowMatrix jacobian() const { return (2 * odds) * (x.cwiseAbs2() * w.asDiagonal()); }
  // V v
  Array times(ConstVectorRef v) const {
    return (2 * odds) * (x.cwiseAbs2() * w.cwiseProduct(v)).array();
  }
  // 2 c (x o x)' r: V' r without the factor w, and the diagonal of sum_i r_i (Hessian of s_i^2).
  Vector curvature(const Array& r) const {
    return (2 * odds) * (x.cwiseAbs2().transpose() * r.matrix());
  }
};

}  // namespace hessopt
