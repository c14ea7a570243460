// Dropout on the inputs of a linear model, integrated out by the sum over all masks of each row:
//   f(w, b) = sum_i weight_i sum_z P(z) l(x_i o z / keep, y_i; w, b) + penalty.
//
// A row costs 2^n losses for its n inputs that are not zero, but no 2^n gradients. With r the
// derivative of the loss at every mask, times its probability, the gradient in w_j needs only the
// sum of r over the masks that keep input j, and the Hessian the sums over the masks that keep two.
#pragma once

#include <optional>

#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt {

class EnumeratedModel final : public EvaluatedObjective {
 public:
  static constexpr Index most_columns = 20;
  static constexpr Index most_masks = Index{1} << 31;  // of all rows

  // Without the noise that is on the rows of the model, if any is.
  EnumeratedModel(const LinearModel& model, double keep);
  EnumeratedModel(const SoftmaxModel& model, double keep);

  Index n_parameters() const override { return outputs_ * data_.n_parameters_per_output(); }
  double hessian_cost() const { return 1.2; }  // nearly all of it losses at masks

  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  class Work;

  EnumeratedModel(const Data& data, std::optional<AnyLoss> loss, Index outputs, double keep);

  Data data_;
  std::optional<AnyLoss> loss_;  // none: that of softmax
  Index outputs_;
  double keep_;
};

}  // namespace hessopt
