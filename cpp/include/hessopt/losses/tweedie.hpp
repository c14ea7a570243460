// Half the deviance of a law of mean mu whose variance grows as mu^power: normal 0, Poisson 1,
// compound Poisson between 1 and 2, gamma 2, inverse Gaussian 3. With a = 2 - power,
// b = 1 - power, d = log(mu / y) and s(x) = (e^x - 1 - x) / x^2
//   l = mu^a / a - y mu^b / b + y^a (1 / b - 1 / a) = y^a d^2 [a s(a d) - b s(b d)],
// which is exact near mu = y and needs no limit at the powers 1 and 2.
//
// B. Jorgensen, "Exponential dispersion models", J. R. Statist. Soc. B 49 (1987).
#pragma once

#include <cmath>

#include "hessopt/losses/loss.hpp"
#include "hessopt/losses/special.hpp"

namespace hessopt {

namespace detail {

// l, and mu^a and y mu^b, of which its derivatives in log mu are made.
struct PowerVariance {
  Chunk value, of_mean, of_target;

  PowerVariance(double power, const Chunk& log_mean, const Chunk& y) {
    const double a = 2 - power, b = 1 - power;
    const Chunk zero = Chunk::Zero(), log_y = logarithm_or_least(y), d = log_mean - log_y;
    const Chunk scale = exponential(a * log_y);
    of_mean = exponential(a * log_mean);
    const Chunk drawn = exponential(b * log_mean + log_y);
    of_target = where_less(zero, y, drawn, zero);
    const Chunk both = a * exponential_remainder(a * d, of_mean / scale) -
                       b * exponential_remainder(b * d, drawn / scale);
    const Chunk of_both = scale * d * d * both;
    const Chunk most = Chunk::Constant(1e300);
    const Chunk infinite = Chunk::Constant(std::numeric_limits<double>::infinity());
    const Chunk finite = where_less(most, of_mean.max(of_target), infinite, of_both);
    value = where_less(zero, y, finite, of_mean / a) + 0.0 * log_mean;
  }
};

inline bool is_target_of_power(double power, double y) {
  return std::isfinite(y) && (y > 0 || (y == 0 && power < 2));
}

inline constexpr const char* targets_of_powers =
    "finite numbers >= 0, where the power is 2 or more > 0";
inline constexpr kernels::LossParameter power_parameter{
    "power", "a finite number >= 1", [](double p) { return std::isfinite(p) && p >= 1; }};

}  // namespace detail

// mu = e^eta. Convex for powers up to 2.
struct Tweedie {
  static constexpr const char* name = "Tweedie(log)";
  static constexpr const char* target = detail::targets_of_powers;
  static constexpr kernels::LossParameter parameters[] = {detail::power_parameter};
  bool accepts(double y) const { return detail::is_target_of_power(power, y); }
  bool convex() const { return power <= 2; }
  static double falls(double y) { return y == 0 ? -1 : 0; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const detail::PowerVariance l(power, eta, y);
    return {l.value, l.of_mean - l.of_target, (2 - power) * l.of_mean + (power - 1) * l.of_target};
  }

  double power = 1.5;
};

// mu = eta^exponent, eta > 0: 1 is the identity, 2 the square root as link, -1 the reciprocal and
// -1/2 the inverse square. Outside, l is infinite, so that steps are shortened.
struct TweedieOfPower {
  static constexpr const char* name = "Tweedie(power)";
  static constexpr const char* target = detail::targets_of_powers;
  static constexpr kernels::LossParameter parameters[] = {
      detail::power_parameter, {"exponent", "a finite number other than 0", [](double r) {
                                  return std::isfinite(r) && r != 0;
                                }}};
  static constexpr bool positive_predictor = true;
  bool accepts(double y) const { return detail::is_target_of_power(power, y); }
  bool convex() const {
    return exponent * (exponent * (2 - power) - 1) >= 0 &&
           exponent * (exponent * (1 - power) - 1) <= 0;
  }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk zero = Chunk::Zero(), one = Chunk::Ones();
    const Chunk inside = detail::where_less(zero, eta, eta, one);
    const detail::PowerVariance l(power, exponent * detail::logarithm(inside), y);
    const Chunk k = exponent / inside;
    const Chunk infinite = Chunk::Constant(std::numeric_limits<double>::infinity());
    const Chunk nothing = Chunk::Constant(std::numeric_limits<double>::quiet_NaN());
    const auto within = [&](const Chunk& a, const Chunk& b) -> Chunk {
      return detail::where_less(zero, eta, a, b);
    };
    // A coefficient that is 0 takes no part in rounding either.
    const Chunk second =
        k / inside *
        ((exponent * (2 - power) - 1) * l.of_mean - (exponent * (1 - power) - 1) * l.of_target);
    return {within(l.value, infinite) + 0.0 * eta, within(k * (l.of_mean - l.of_target), nothing),
            within(second, nothing)};
  }

  double power = 1, exponent = 1;
};

}  // namespace hessopt
