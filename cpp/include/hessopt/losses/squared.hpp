// Half the squared error, the negative log-likelihood of a normal law: l = (eta - y)^2 / 2.
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Squared {
  static constexpr const char* name = "Squared";
  static constexpr const char* target = "finite numbers";
  static bool accepts(double y) { return std::isfinite(y); }

  static void evaluate(const Array& eta, const Array& y, Pointwise& out) {
    out.first = eta - y;
    out.value = 0.5 * out.first.square();
    out.second = Array::Ones(eta.size());
  }
};

}  // namespace hessopt
