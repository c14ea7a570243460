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
    // In halves: e^-eta may leave the range of numbers where y e^-eta does not.
    const Chunk half = detail::exponential_in_range((-0.5 * eta).max(-708.0).min(708.0));
    const Chunk ratio = (y * half) * half;  // y / mean
    return {eta + ratio, 1.0 - ratio, ratio};
  }
  ExponentialTerms terms(const Chunk& y) const { return {y, Chunk::Constant(-1.0), Chunk::Ones()}; }
};

}  // namespace hessopt
