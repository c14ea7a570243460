// Huber's loss of the residual r = eta - y: r^2 / 2 up to |r| = delta, and straight on from there.
// Its second derivative is 1 inside and 0 outside.
//
// P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Huber {
  static constexpr const char* name = "Huber";
  static constexpr const char* target = "finite numbers";
  static constexpr kernels::LossParameter parameters[] = {
      {"delta", "a finite number > 0", [](double d) { return std::isfinite(d) && d > 0; }}};
  static bool accepts(double y) { return std::isfinite(y); }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk r = eta - y;
    const Chunk clipped = r.max<Eigen::PropagateNaN>(-delta).min<Eigen::PropagateNaN>(delta);
    const Chunk inside = detail::where_less(clipped.abs(), r.abs(), Chunk::Zero(), Chunk::Ones());
    return {clipped * (r - 0.5 * clipped), clipped, inside};
  }

  double delta = 1;
};

}  // namespace hessopt
