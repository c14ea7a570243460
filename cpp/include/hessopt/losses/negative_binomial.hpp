// Half the deviance of counts of mean mu = e^eta and variance mu + mu^2 / theta. With
// t = eta - log theta, t_y = log y - log theta, d = t - t_y and p = y / (y + theta)
//   l = (y + theta) [log(1 + e^t) - log(1 + e^t_y) - p d]
//     = (y + theta) [log(1 + p (e^d - 1)) - p d].
//
// J. M. Hilbe, "Negative Binomial Regression", 2nd ed., 2011.
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"
#include "hessopt/losses/special.hpp"

namespace hessopt {

struct NegativeBinomial {
  static constexpr const char* name = "NegativeBinomial";
  static constexpr const char* target = "finite numbers >= 0";
  static constexpr kernels::LossParameter parameters[] = {
      {"theta", "a finite number > 0", [](double t) { return std::isfinite(t) && t > 0; }}};
  static bool accepts(double y) { return std::isfinite(y) && y >= 0; }
  static double falls(double y) { return y == 0 ? -1 : 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    using detail::where_less;
    const double log_theta = std::log(theta);
    const Chunk zero = Chunk::Zero(), one = Chunk::Ones(), t = eta - log_theta, sum = y + theta;
    const Chunk e = detail::exponential_of_negative(-t.abs()), q = 1.0 / (1.0 + e);
    const Chunk above = q * where_less(t, zero, e, one), below = q * where_less(t, zero, one, e);
    const Chunk first = theta * above - y * below;
    // p and 1 - p change places with the sign of t and d: whichever is at most a half.
    const Chunk turn = where_less(Chunk::Constant(theta), y, -one, one);
    const Chunk p = y.min(theta) / sum;
    const Chunk t_y = detail::logarithm_or_least(y) - log_theta, d = turn * (t - t_y);
    const Chunk inner = d.max(-1.0).min(1.0);
    const Chunk s = detail::exponential_remainder(inner, detail::exponential_in_range(inner));
    const Chunk square = inner * inner * s;  // e^d - 1 - d
    const Chunk near = p * square - detail::logarithm_remainder(p * (inner + square));
    const Chunk far = detail::softplus(turn * t) - detail::softplus(turn * t_y) - p * d;
    const Chunk value = sum * where_less(d.abs(), one, near, far);
    return {value + 0.0 * eta, first, sum * above * below};
  }

  double theta = 1;
};

}  // namespace hessopt
