// Half the squared error, level times as heavy where y is above the predictor and 1 - level times
// where it is below:  l = |level - [u < 0]| u^2 / 2,  u = y - eta.
//
// W. K. Newey, J. L. Powell, "Asymmetric least squares estimation and testing", Econometrica 55
// (1987).
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Expectile {
  static constexpr const char* name = "Expectile";
  static constexpr const char* target = "finite numbers";
  static constexpr kernels::LossParameter parameters[] = {
      {"level", "a number in (0, 1)", [](double t) { return t > 0 && t < 1; }}};
  static bool accepts(double y) { return std::isfinite(y); }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk r = eta - y, zero = Chunk::Zero();
    const Chunk a = detail::where_less(zero, r, Chunk::Constant(1 - level), Chunk::Constant(level));
    return {0.5 * a * r.square(), a * r, a};
  }

  double level = 0.5;
};

}  // namespace hessopt
