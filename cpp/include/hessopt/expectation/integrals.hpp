// Which integral over the noise of a linear model there is in closed form, for which loss and law.
#pragma once

#include <optional>
#include <variant>

#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/product_form.hpp"

namespace hessopt {

enum class Integral {
  exact,   // of the loss under the law itself
  normal,  // of the loss under a normal predictor with the law's mean and variance
  taylor,  // of the loss to second order in the noise
};

template <RowSource Rows>
using AnyClosedForm = std::variant<ClosedForm<Rows>, ProductForm<Rows>>;

// Nothing where there is none. To a row it is the same whether its inputs are dropped or, for all
// rows at once, their coefficients.
template <RowSource Rows>
std::optional<AnyClosedForm<Rows>> closed_form(const LinearModel<Rows>& model, const Noise& noise,
                                               Integral integral) {
  const AnyLoss& loss = model.loss();
  const kernels::LossKernel& kernel = loss.kernel();
  using Found = std::optional<AnyClosedForm<Rows>>;
  const auto with = [&](const std::optional<AnyMarginal>& marginal) -> Found {
    if (!marginal) return {};
    return ClosedForm<Rows>(model.data(), *marginal, noise);
  };
  if (integral == Integral::taylor) return with(AnyMarginal::taylor(loss));
  if (integral == Integral::normal || kernel.normal_form == kernels::NormalForm::of_any_noise)
    return with(AnyMarginal::normal(loss));

  const auto* dropout = std::get_if<Dropout>(&noise);
  const auto* drop_connect = std::get_if<DropConnect>(&noise);
  if (dropout == nullptr && drop_connect == nullptr)  // the predictor is normal
    return kernel.normal_form == kernels::NormalForm::near ? Found{}
                                                           : with(AnyMarginal::normal(loss));
  if (kernel.terms == nullptr) return {};
  return ProductForm<Rows>(model.data(), loss, dropout ? dropout->rate : drop_connect->rate);
}

}  // namespace hessopt
