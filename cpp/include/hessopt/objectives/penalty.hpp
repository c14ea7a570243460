// The ridge penalty sum_j l2_j w_j^2 / 2 on the coefficients of a model with one or several
// outputs, all with the same l2.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

struct Ridge {
  const Vector& l2;  // a number per coefficient
  Index stride;      // parameters per output; what follows the coefficients is the intercept

  double value(ConstVectorRef x) const {
    double sum = 0;
    for (Index k = 0; k < x.size(); k += stride) {
      const auto w = x.segment(k, l2.size());
      sum += l2.cwiseProduct(w).dot(w);  // 0 for l2 = 0 also where w^2 would overflow
    }
    return 0.5 * sum;
  }
  // out += l2 v on the coefficients: the gradient for v = x, else the Hessian's product with v.
  void add_product(ConstVectorRef v, VectorRef out) const {
    for (Index k = 0; k < v.size(); k += stride)
      out.segment(k, l2.size()) += l2.cwiseProduct(v.segment(k, l2.size()));
  }
  void add_hessian(MatrixRef h) const {
    for (Index k = 0; k < h.rows(); k += stride) h.diagonal().segment(k, l2.size()) += l2;
  }
};

}  // namespace hessopt
