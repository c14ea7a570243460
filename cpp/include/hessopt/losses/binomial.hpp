// Half the deviance of y, the part of m cases that are 1, from a probability p that a link makes of
// the predictor:
//   l = y log(y / p) + (1 - y) log((1 - y) / (1 - p)),  y in [0, 1],
// for labels the negative log-likelihood. The number of cases m is a weight.
//
// P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd ed., 1989, sections 4.3 and 4.4.
#pragma once

#include "hessopt/losses/binary_links.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt {

template <class Link>
struct Binomial {
  static constexpr const char* name = Link::name;
  static constexpr const char* target = "numbers in [0, 1]: labels, or successes / trials";
  static bool accepts(double y) { return y >= 0 && y <= 1; }
  static bool convex() { return Link::convex; }
  static double falls(double y) { return y == 0 ? -1 : y == 1 ? 1 : 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    using detail::where_less;
    const BinaryAt of = Link::at(eta);
    const Chunk zero = Chunk::Zero(), one = Chunk::Ones(), z = 1.0 - y;
    // What has no part in l may be infinite.
    const auto mix = [&](const Chunk& a, const Chunk& b) -> Chunk {
      return where_less(zero, y, y * a, zero) + where_less(y, one, z * b, zero);
    };
    const Chunk first = mix(-of.slope, of.slope_of_rest);
    const Chunk entropy = y * detail::logarithm_or_least(y) + z * detail::logarithm_or_least(z);
    // Near p = y the logarithms cancel: l = y g(d / y) + (1 - y) g(-d / (1 - y)), d = p - y,
    // g(u) = u - log(1 + u).
    const Chunk d = where_less(y, Chunk::Constant(0.5), of.p - y, z - of.rest);
    const Chunk near =
        y * detail::logarithm_remainder(d / y) + z * detail::logarithm_remainder(-d / z);
    const Chunk value =
        where_less(d.abs(), 0.3 * y.min(z), near, entropy - mix(of.log_p, of.log_rest));
    return {value + 0.0 * eta, first, mix(of.curvature, of.curvature_of_rest)};
  }
};

}  // namespace hessopt
