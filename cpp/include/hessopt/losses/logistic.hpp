// The logistic loss, the negative log-likelihood of a Bernoulli law with logit eta:
//   l = log(1 + e^eta) - y eta = log(1 + e^u),  u = (1 - 2y) eta,  y in {0, 1},
// and of the mean of several such, y in [0, 1].
#pragma once

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Logistic {
  static constexpr const char* name = "Logistic";
  static constexpr const char* target =
      "labels 0 and 1, or k / m for k of m cases, of sample_weight m";
  static bool accepts(double y) { return y >= 0 && y <= 1; }
  static double falls(double y) { return y == 0 ? -1 : y == 1 ? 1 : 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    // Every exponent is -|u| <= 0 and nothing is subtracted: no overflow, no digit lost in a tail.
    const Chunk zero = Chunk::Zero(), one = Chunk::Ones();
    // A label 1 turns the sign, any other y adds -y eta, which is nothing for a label.
    const Chunk whole = y.floor(), part = y - whole;
    const Chunk sign = 1.0 - 2.0 * whole, u = sign * eta;
    const Chunk t = detail::exponential_of_negative(-u.abs()), q = 1.0 / (1.0 + t);
    const Chunk positive = detail::where_less(u, zero, zero, u);  // NaN stays NaN
    const Chunk sigmoid = q * detail::where_less(u, zero, t, one);
    return {positive + detail::log_one_plus(t) - part * eta, sign * sigmoid - part, t * q * q};
  }
  ThirdAndFourth third_and_fourth(const Pointwise& l, const Chunk& y) const {
    return {l.second * (1.0 - 2.0 * (l.first + y)), l.second * (1.0 - 6.0 * l.second)};
  }
};

}  // namespace hessopt
