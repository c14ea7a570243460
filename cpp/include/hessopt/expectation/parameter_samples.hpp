// The sample average over K fixed samples of factors of the parameters, DropConnect:
//   F_K(w) = 1/K sum_k f(w o z_k) + penalty(w),
// f a mean over rows. Parameter j has index j in the noise, intercepts have the factor one, and the
// penalty is not touched. With Z_k = diag(z_k)
//   gradient  1/K sum_k Z_k f'(w o z_k),   Hessian  1/K sum_k Z_k f''(w o z_k) Z_k.
// Each block of rows meets all K samples while it lies in cache; sparse rows are read K times.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "hessopt/expectation/noise_samples.hpp"
#include "hessopt/objectives/model_of_rows.hpp"

namespace hessopt {

class ParameterSamples final : public EvaluatedObjective {
 public:
  template <std::derived_from<ModelOfRows> Model>
  ParameterSamples(Model model, const NoiseSamples& noise)
      : ParameterSamples(std::make_shared<const Model>(std::move(model)), noise) {}
  ParameterSamples(std::shared_ptr<const ModelOfRows> model, const NoiseSamples& noise);

  Index n_parameters() const override { return model_->n_parameters(); }
  bool has_rare_columns() const { return model_->has_rare_columns(); }
  double hessian_cost() const { return model_->hessian_cost(); }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  Evaluation finished(Evaluation sum, ConstVectorRef x, const Request& request) const;

  std::shared_ptr<const ModelOfRows> model_;
  Matrix factors_;  // a sample per column
};

}  // namespace hessopt
