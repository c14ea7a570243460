// The loss whose minimum is a quantile of y, its corner rounded over the width h. With u = y - eta
//   l = level u + h log(1 + e^(-u / h)),
// above max(level u, (level - 1) u) by at most h log 2.
//
// S. Zheng, "Gradient descent algorithms for quantile regression with smooth approximation", Int.
// J. Mach. Learn. Cybern. 2 (2011).
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct SmoothedQuantile {
  static constexpr const char* name = "SmoothedQuantile";
  static constexpr const char* target = "finite numbers";
  static constexpr kernels::LossParameter parameters[] = {
      {"level", "a number in (0, 1)", [](double t) { return t > 0 && t < 1; }},
      {"width", "a finite number > 0", [](double h) { return std::isfinite(h) && h > 0; }}};
  static bool accepts(double y) { return std::isfinite(y); }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk zero = Chunk::Zero(), v = (y - eta) / width;
    const Chunk t = detail::exponential_of_negative(-v.abs()), q = 1.0 / (1.0 + t);
    const Chunk straight = detail::where_less(v, zero, (level - 1) * v, level * v);
    // sigma(-v) - level, without subtraction far out where v > 0 makes it -level.
    const Chunk first = q * detail::where_less(v, zero, Chunk::Ones(), t) - level;
    return {width * (straight + detail::log_one_plus(t)), first, t * q * q / width};
  }

  double level = 0.5, width = 1;
};

}  // namespace hessopt
