// The ridge penalty l2/2 ||coefficients||^2 of a model with one or several outputs.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

struct Ridge {
  double l2;
  Index coefficients;  // per output, penalised
  Index stride;        // parameters per output; what follows the coefficients is the intercept

  double value(ConstVectorRef x) const {
    double sum = 0;
    for (Index k = 0; k < x.size(); k += stride) sum += x.segment(k, coefficients).squaredNorm();
    return 0.5 * l2 * sum;
  }
  // out += l2 v on the coefficients: the gradient for v = x, else the Hessian's product with v.
  void add_product(ConstVectorRef v, VectorRef out) const {
    for (Index k = 0; k < v.size(); k += stride)
      out.segment(k, coefficients) += l2 * v.segment(k, coefficients);
  }
  void add_hessian(MatrixRef h) const {
    for (Index k = 0; k < h.rows(); k += stride)
      h.diagonal().segment(k, coefficients).array() += l2;
  }
};

}  // namespace hessopt
