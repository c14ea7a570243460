// Huber's loss of the residual r = eta - y: r^2 / 2 up to |r| = delta, and straight on from there.
// Its second derivative is 1 inside and 0 outside.
//
// P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).
#pragma once

#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Huber {
  static constexpr const char* name = "Huber";
  static constexpr const char* target = "finite numbers";
  static constexpr const char* parameter = "delta";
  static bool accepts(double y) { return std::isfinite(y); }

  explicit Huber(double d = 1) : delta(d) {
    require(std::isfinite(d) && d > 0, parameter, std::to_string(d), "a finite number > 0");
  }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk r = eta - y;
    const Chunk clipped = r.max<Eigen::PropagateNaN>(-delta).min<Eigen::PropagateNaN>(delta);
    const Chunk inside = detail::where_less(clipped.abs(), r.abs(), Chunk::Zero(), Chunk::Ones());
    return {clipped * (r - 0.5 * clipped), clipped, inside};
  }

  double delta;
};

}  // namespace hessopt
