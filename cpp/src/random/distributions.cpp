#include "hessopt/random/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace hessopt {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// log(1 + u) - u, u > -1: by log(1 + u) = 2 artanh(s) where that would cancel.
double log_one_plus_remainder(double u) {
  if (u < -0.5 || u > 1) return std::log1p(u) - u;
  const double s = u / (2 + u), z = s * s;
  double sum = 0;
  for (int k = 31; k >= 3; k -= 2) sum = sum * z + 2.0 / k;
  return s * (z * sum - u);
}

// log Gamma(a) - ((a - 1/2) log a - a + log(2 pi) / 2), Stirling's error, for a >= 16.
double stirling_error(double a) {
  constexpr double c[] = {1.0 / 12,   -1.0 / 360,        1.0 / 1260, -1.0 / 1680,
                          1.0 / 1188, -691.0 / 360360.0, 1.0 / 156};
  const double z = 1 / (a * a);
  double sum = 0;
  for (int k = 6; k >= 0; --k) sum = sum * z + c[k];
  return sum / a;
}

// log(Gamma(a + 1/2) / Gamma(a)).
double log_gamma_step(double a) {
  double below = 0;
  for (; a < 16; ++a) below += std::log1p(0.5 / a);
  const double b = a + 0.5;
  const double above = 0.5 * std::log(a) + a * std::log1p(0.5 / a) - 0.5;
  return above + stirling_error(b) - stirling_error(a) - below;
}

// The integral of e^(log_ratio(d)) over d > 0, where log_ratio(0) is not above 0 by much; `unit`:
// where most of it lies.
template <class LogRatio>
double integral(double unit, LogRatio&& log_ratio) {
  constexpr double reach = 6, half_pi = std::numbers::pi / 2;
  const auto term = [&](double u) {
    const double d = unit * std::exp(half_pi * std::sinh(u));
    const double value = std::exp(log_ratio(d)) * d * half_pi * std::cosh(u);
    return std::isfinite(value) ? value : 0;
  };
  double step = 0.5, sum = term(0), before = 0;
  for (double u = step; u < reach; u += step) sum += term(u) + term(-u);
  for (int times = 0; times < 14; ++times) {
    before = sum * step;
    step /= 2;
    for (double u = step; u < reach; u += 2 * step) sum += term(u) + term(-u);
    if (times >= 2 && std::abs(sum * step - before) <= 1e-15 * sum * step) break;
  }
  return sum * step;
}

}  // namespace

double chi_square_tail(double x, double k) {
  if (std::isnan(x)) return x;
  if (!(x > 0)) return 1;
  if (x == infinity) return 0;
  // With a = k / 2 and y = x / 2 the integral of s^(a - 1) e^-s / Gamma(a) from y on, where
  // y^a e^-y / Gamma(a) = e^(a r) sqrt(a / 2 pi) e^-error for large a, r = log(y / a) - y / a + 1.
  const double a = k / 2, y = x / 2;
  const double log_peak = a < 16
                              ? a * std::log(y) - y - std::lgamma(a)
                              : a * log_one_plus_remainder((y - a) / a) +
                                    0.5 * std::log(a / (2 * std::numbers::pi)) - stirling_error(a);
  if (y < a && log_peak < -100) return 1;  // the other tail is below the last digit
  const double beyond = std::max(y - a, 0.0) + std::sqrt(a) + 1;
  const double unit = y * std::min(1.0, beyond / y);
  const double ratio = integral(unit, [&](double d) { return (a - 1) * std::log1p(d / y) - d; });
  const double tail = std::exp(log_peak) / y * ratio;
  return std::min(tail, 1.0);
}

double student_tail(double t, double k) {
  if (std::isnan(t)) return t;
  if (k == infinity) return 0.5 * std::erfc(t / std::numbers::sqrt2);
  if (t < 0) return 1 - student_tail(-t, k);
  if (t == infinity) return 0;
  // The density at s = t + d over that at t: (1 + d (2 t + d) / (k + t^2))^-(k + 1) / 2.
  const double power = (k + 1) / 2, square = k + t * t;
  const double log_density =
      log_gamma_step(k / 2) - 0.5 * std::log(std::numbers::pi * k) - power * std::log1p(t * t / k);
  const double ratio = integral(std::sqrt(square / (k + 1)) / (1 + t), [&](double d) {
    return -power * std::log1p(d / square * (2 * t + d));
  });
  return std::exp(log_density) * ratio;
}

double student_quantile(double p, double k) {
  if (p >= 0.5) return 0;
  // Newton's method for log P(T > e^v) = log p, concave in v for normal tails and straight for
  // heavy ones.
  double v = 0;
  for (int times = 0; times < 100; ++times) {
    const double t = std::exp(v), tail = student_tail(t, k);
    const double log_density = k == infinity
                                   ? -0.5 * (t * t + std::log(2 * std::numbers::pi))
                                   : log_gamma_step(k / 2) - 0.5 * std::log(std::numbers::pi * k) -
                                         (k + 1) / 2 * std::log1p(t * t / k);
    const double slope = -std::exp(log_density) * t / tail;
    // Beyond the range of numbers the tail is 0.
    const double step = tail > 0 ? std::clamp(std::log(p / tail) / slope, -2.0, 2.0) : -0.25;
    v += step;
    if (std::abs(step) <= 1e-15) break;
  }
  return std::exp(v);
}

double log_less_digamma(double a) {
  double sum = 0, b = a;
  for (; b < 16; ++b) sum += 1 / b;
  constexpr double c[] = {1.0 / 12,  -1.0 / 120,       1.0 / 252, -1.0 / 240,
                          1.0 / 132, -691.0 / 32760.0, 1.0 / 12};
  const double z = 1 / (b * b);
  double series = 0;
  for (int k = 6; k >= 0; --k) series = series * z + c[k];
  const double at_b = 0.5 / b + z * series;
  return b == a ? at_b : at_b + sum - std::log1p((b - a) / a);
}

double gamma_shape(ConstVectorRef weight, double total) {
  // log a - psi(a) is between 1 / (2 a) and 1 / a: its logarithm falls as that of a, by about as
  // much.
  double a = 1;
  for (int times = 0; times < 200; ++times) {
    double sum = 0;
    for (const double w : weight)
      if (w > 0) sum += w * log_less_digamma(a * w);
    const double factor = sum / total;
    a *= factor;
    if (!(std::abs(factor - 1) > 4e-16)) break;
  }
  return a;
}

}  // namespace hessopt
