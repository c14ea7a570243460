// Which integral over the noise of a linear model there is in closed form, for which loss and law.
#pragma once

#include <optional>
#include <variant>

#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/product_form.hpp"
#include "hessopt/objectives/linear_model.hpp"

namespace hessopt {

enum class Integral {
  exact,   // of the loss under the law itself
  normal,  // of the loss under a normal predictor with the law's mean and variance
  taylor,  // of the loss to second order in the noise
};

using AnyClosedForm = std::variant<ClosedForm, ProductForm>;

// Nothing where there is none. To a row it is the same whether its inputs are dropped or, for all
// rows at once, their coefficients.
std::optional<AnyClosedForm> closed_form(const LinearModel& model, const Noise& noise,
                                         Integral integral);

}  // namespace hessopt
