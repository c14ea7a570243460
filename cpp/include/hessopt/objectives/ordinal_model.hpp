// Ordered classes 0 .. K - 1 by one predictor eta = x'w + offset and thresholds theta_1 < ... <
// theta_{K-1}: class k where a latent number eta + noise lies between theta_k and theta_{k+1}, the
// noise logistic (proportional odds) or normal. f is the weighted mean of the losses of ordinal.hpp
// plus a ridge penalty on w; parameters (w, theta). It is convex in them, and infinite where the
// thresholds are not in order.
//
// Its Hessian is one Gram matrix of the rows, whatever K is, a product with X' for every threshold,
// and a tridiagonal corner.
#pragma once

#include "hessopt/losses/ordinal.hpp"
#include "hessopt/objectives/model_of_data.hpp"

namespace hessopt {

class OrdinalModel final : public ModelOfData {
 public:
  // `data` without an intercept, and with the classes for targets, each of which some row has.
  OrdinalModel(Data data, Index n_classes, OrdinalLink link);

  Index n_classes() const { return classes_; }
  Index n_parameters() const override { return data().rows.cols() + classes_ - 1; }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;
  double hessian_cost() const override;

 private:
  struct Rows;

  Index class_of(Index row) const { return static_cast<Index>(data().target[row]); }

  Index classes_;
  OrdinalLink link_;
};

}  // namespace hessopt
