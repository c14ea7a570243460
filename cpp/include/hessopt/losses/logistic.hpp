// The logistic loss, the negative log-likelihood of a Bernoulli law with logit eta:
//   l = log(1 + e^eta) - y eta = log(1 + e^u),  u = (1 - 2y) eta,  y in {0, 1}.
#pragma once

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Logistic {
  static constexpr const char* name = "Logistic";
  static constexpr const char* target = "labels 0 and 1";
  static bool accepts(double y) { return y == 0.0 || y == 1.0; }

  static void evaluate(const Array& eta, const Array& y, Pointwise& out) {
    // Every exponent is -|u| <= 0 and nothing is subtracted: no overflow, no digit lost in a tail.
    const Array sign = 1.0 - 2.0 * y;
    const Array u = sign * eta;
    const Array t = (-u.abs()).exp();
    const Array t1 = 1.0 + t, q = 1.0 / t1;
    // log1p(t) from the vectorised log: the quotient cancels the rounding error of 1 + t.
    out.value = u.max(0.0) + (t1 == 1.0).select(t, t1.log() * t / (t1 - 1.0));
    out.first = sign * (u >= 0.0).select(q, t * q);
    out.second = t * q * q;
  }
};

}  // namespace hessopt
