// Links of a probability: what the predictor eta says of p and of 1 - p, both to their last digits
// however small they are.
//   log p, log(1 - p), p, 1 - p;  p' / p and p' / (1 - p);  -(log p)'' and -(log(1 - p))''.
// A link is a struct with a name and `at`, and a line of Binomial in table.hpp.
#pragma once

#include "hessopt/losses/normal_law.hpp"
#include "hessopt/losses/special.hpp"

namespace hessopt {

struct BinaryAt {
  Chunk log_p, log_rest, p, rest;
  Chunk slope, slope_of_rest;
  Chunk curvature, curvature_of_rest;
};

namespace detail {

// Of a link that is symmetric, from what it says at -|eta|, where p is at most a half.
EIGEN_ALWAYS_INLINE BinaryAt by_side(const Chunk& eta, const BinaryAt& low) {
  const Chunk zero = Chunk::Zero();
  const auto pick = [&](const Chunk& a, const Chunk& b) { return where_less(eta, zero, a, b); };
  return {pick(low.log_p, low.log_rest),
          pick(low.log_rest, low.log_p),
          pick(low.p, low.rest),
          pick(low.rest, low.p),
          pick(low.slope, low.slope_of_rest),
          pick(low.slope_of_rest, low.slope),
          pick(low.curvature, low.curvature_of_rest),
          pick(low.curvature_of_rest, low.curvature)};
}

}  // namespace detail

// p = 1 / (1 + e^-eta).
struct Logit {
  static constexpr const char* name = "Binomial(logit)";
  static constexpr bool convex = true;

  static BinaryAt at(const Chunk& eta) {
    const Chunk x = eta.abs(), t = detail::exponential_of_negative(-x), q = 1.0 / (1.0 + t);
    const Chunk log_rest = -detail::log_one_plus(t), curvature = t * q * q;
    return detail::by_side(eta, {log_rest - x, log_rest, t * q, q, q, t * q, curvature, curvature});
  }
};

// p = Phi(eta). With x = |eta|, r = Phi(-x) / phi(x) and the hazard h = 1 / r of the side beyond x
//   -(log Phi(-x))'' = h (h - x) = 1 - x^-2 + 6 x^-4 - ...,
// by the series from x = 25 on, where h - x has lost digits.
struct Probit {
  static constexpr const char* name = "Binomial(probit)";
  static constexpr bool convex = true;

  static BinaryAt at(const Chunk& eta) {
    constexpr double far = 25, root = 2.5066282746310005024;  // of 2 pi
    const Chunk x = eta.abs(), beyond = Chunk::Constant(far), u = 1.0 / (x * x);
    const auto [above, under] = mills_ratio(x.min(far));
    const Chunk ratio = detail::where_less(
        x, beyond, root * above / under,
        (1.0 - u * (1.0 - u * (3.0 - u * (15.0 - u * (105.0 - u * (945.0 - u * 10395.0)))))) / x);
    const Chunk hazard = 1.0 / ratio;
    const Chunk density = detail::exponential_of_negative(-0.5 * x * x) * (1.0 / root);
    const Chunk low = density * ratio, high = 1.0 - low, slope = density / high;
    const Chunk curvature = detail::where_less(
        x, beyond, hazard * (hazard - x),
        1.0 - u * (1.0 -
                   u * (6.0 -
                        u * (50.0 - u * (518.0 - u * (6354.0 - u * (89782.0 - u * 1435330.0)))))));
    return detail::by_side(eta, {detail::logarithm(ratio * (1.0 / root)) - 0.5 * x * x,
                                 -detail::log_one_plus(low / high), low, high, hazard, slope,
                                 curvature, slope * (slope + x)});
  }
};

// 1 - p = e^-m with m = e^eta, the complementary log-log link. With s = (e^m - 1 - m) / m^2
//   p'/p = r = m / (e^m - 1) = 1 / (1 + m s),  -(log p)'' = r (r + m - 1).
struct CompLogLog {
  static constexpr const char* name = "Binomial(cloglog)";
  static constexpr bool convex = true;

  static BinaryAt at(const Chunk& eta) {
    const Chunk m = detail::exponential(eta), few = m.min<Eigen::PropagateNaN>(700.0);
    const Chunk one = Chunk::Ones(), rest = detail::exponential_of_negative(-m);
    const Chunk ms = few * detail::exponential_remainder(few, detail::exponential_in_range(few));
    const Chunk r = 1.0 / (1.0 + ms);
    // r + m - 1 and p = m e^-m (1 + m s), log p = eta - m + log(1 + m s), without subtraction.
    const Chunk excess = detail::where_less(m, one, r * (few + (few - 1.0) * ms), r + (few - 1.0));
    const Chunk near = Chunk::Constant(0.7);
    const Chunk log_p = detail::where_less(m, near, eta - few + detail::log_one_plus(ms.min(1.0)),
                                           -detail::log_one_plus((rest / (1.0 - rest)).min(1.0)));
    const Chunk p = detail::where_less(m, near, rest * few * (1.0 + ms), 1.0 - rest);
    return {log_p, -m, p, rest, r, m, r * excess, m};
  }
};

// p = 1/2 + atan(eta) / pi, whose tails are so heavy that -log p is not convex.
struct Cauchit {
  static constexpr const char* name = "Binomial(cauchit)";
  static constexpr bool convex = false;

  static BinaryAt at(const Chunk& eta) {
    constexpr double pi = 3.1415926535897932385;
    const Chunk x = eta.abs(), low = (1.0 / x).atan() / pi, high = 1.0 - low;
    const Chunk bell = 1.0 / (1.0 + x * x), turn = 2.0 * x * bell;
    const Chunk slope = bell / (pi * low), slope_of_rest = bell / (pi * high);
    return detail::by_side(
        eta, {detail::logarithm(low), -detail::log_one_plus(low / high), low, high, slope,
              slope_of_rest, slope * (slope - turn), slope_of_rest * (slope_of_rest + turn)});
  }
};

}  // namespace hessopt
