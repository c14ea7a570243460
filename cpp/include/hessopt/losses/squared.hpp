// Half the squared error, the negative log-likelihood of a normal law: l = (eta - y)^2 / 2.
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Squared {
  static constexpr const char* name = "Squared";
  static constexpr const char* target = "finite numbers";
  static bool accepts(double y) { return std::isfinite(y); }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk residual = eta - y;
    return {0.5 * residual.square(), residual, Chunk::Ones()};
  }
  ThirdAndFourth third_and_fourth(const Pointwise& /*l*/, const Chunk& /*y*/) const {
    return {Chunk::Zero(), Chunk::Zero()};
  }
};

}  // namespace hessopt
