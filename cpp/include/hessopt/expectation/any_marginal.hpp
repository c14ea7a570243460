// A loss of the table under a normal predictor, or to second order in the noise, chosen at run
// time: see marginals.hpp.
#pragma once

#include <optional>
#include <utility>

#include "hessopt/losses/any_loss.hpp"

namespace hessopt {

class AnyMarginal {
 public:
  // Nothing where the loss has none.
  static std::optional<AnyMarginal> normal(const AnyLoss& loss) {
    return of(loss, loss.kernel().normal);
  }
  static std::optional<AnyMarginal> taylor(const AnyLoss& loss) {
    return of(loss, loss.kernel().taylor);
  }

  // sum_i w_i F_i, and w_i times the derivatives, which have room for whole chunks.
  double add_up(const kernels::PredictorLaws& rows, const kernels::MarginalDerivatives& out) const {
    return kernel_(loss_.parameters(), rows, out);
  }

 private:
  AnyMarginal(AnyLoss loss, kernels::MarginalKernel kernel)
      : loss_(std::move(loss)), kernel_(kernel) {}
  static std::optional<AnyMarginal> of(const AnyLoss& loss, kernels::MarginalKernel kernel) {
    if (kernel == nullptr) return std::nullopt;
    return AnyMarginal(loss, kernel);
  }

  AnyLoss loss_;
  kernels::MarginalKernel kernel_;
};

}  // namespace hessopt
