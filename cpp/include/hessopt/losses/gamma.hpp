// The negative log-likelihood of a gamma law with mean e^eta, up to its shape and constants:
//   l = eta + y e^-eta.
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Gamma {
  static constexpr const char* name = "Gamma";
  static constexpr const char* target = "finite numbers > 0";
  static bool accepts(double y) { return std::isfinite(y) && y > 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk ratio = y * detail::exponential(-eta);  // y / mean
    return {eta + ratio, 1.0 - ratio, ratio};
  }
  ExponentialTerms terms(const Chunk& y) const { return {y, Chunk::Constant(-1.0), Chunk::Ones()}; }
};

}  // namespace hessopt
