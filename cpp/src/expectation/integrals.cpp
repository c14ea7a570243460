#include "hessopt/expectation/integrals.hpp"

namespace hessopt {

std::optional<AnyClosedForm> closed_form(const LinearModel& model, const Noise& noise,
                                         Integral integral) {
  const AnyLoss& loss = model.loss();
  const kernels::LossKernel& kernel = loss.kernel();
  using Found = std::optional<AnyClosedForm>;
  const auto with = [&](const std::optional<AnyMarginal>& marginal) -> Found {
    if (!marginal) return {};
    return ClosedForm(model.data(), *marginal, noise);
  };
  if (integral == Integral::taylor) return with(AnyMarginal::taylor(loss));
  if (integral == Integral::normal || kernel.normal_form == kernels::NormalForm::of_any_noise)
    return with(AnyMarginal::normal(loss));

  const std::optional<double> rate = rate_of_dropped(noise);
  if (!rate)  // the predictor is normal
    return kernel.normal_form == kernels::NormalForm::near ? Found{}
                                                           : with(AnyMarginal::normal(loss));
  if (kernel.terms == nullptr) return {};
  return ProductForm(model.data(), loss, *rate);
}

}  // namespace hessopt
