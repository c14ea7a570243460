// The negative log-likelihood of a Poisson law with mean e^eta, its constant log y! left out:
//   l = e^eta - y eta.
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Poisson {
  static constexpr const char* name = "Poisson";
  static constexpr const char* target = "finite numbers >= 0";
  static bool accepts(double y) { return std::isfinite(y) && y >= 0; }
  static double falls(double y) { return y == 0.0 ? -1 : 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk mean = detail::exponential(eta);
    return {mean - y * eta, mean - y, mean};
  }
  ExponentialTerms terms(const Chunk& y) const { return {Chunk::Ones(), Chunk::Ones(), -y}; }
};

}  // namespace hessopt
