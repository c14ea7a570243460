// A loss that is r^2 / 2 near r = eta - y = 0 and has the slope delta far away, smooth throughout:
//   l = delta^2 (s - 1) = r^2 / (1 + s),  s = sqrt(1 + (r / delta)^2).
//
// P. Charbonnier, L. Blanc-Feraud, G. Aubert, M. Barlaud, "Deterministic edge-preserving
// regularization in computed imaging", IEEE Trans. Image Process. 6 (1997).
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct PseudoHuber {
  static constexpr const char* name = "PseudoHuber";
  static constexpr const char* target = "finite numbers";
  static constexpr kernels::LossParameter parameters[] = {
      {"delta", "a finite number > 0", [](double d) { return std::isfinite(d) && d > 0; }}};
  static bool accepts(double y) { return std::isfinite(y); }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk r = eta - y, v = (r / delta).abs();
    const Chunk s = detail::where_less(v, Chunk::Constant(1e10), (1.0 + v * v).sqrt(), v);
    const Chunk inverse = 1.0 / s;
    return {r * (r / (1.0 + s)), r * inverse, inverse * inverse * inverse};
  }

  double delta = 1;
};

}  // namespace hessopt
