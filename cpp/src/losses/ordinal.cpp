#include "hessopt/losses/ordinal.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hessopt {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double root_half = 0.70710678118654752440, root_two_pi = 2.5066282746310005024;

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// 1 / (1 + e^-x).
double sigmoid(double x) {
  const double t = std::exp(-std::abs(x));
  return (x < 0 ? t : 1) / (1 + t);
}
double sigmoid_slope(double x) {
  const double t = std::exp(-std::abs(x));
  return t / ((1 + t) * (1 + t));
}

// R(z) = Phi(-z) / phi(z) and 1 - z R(z), z >= 0. From 4 on, where the difference would lose
// digits, by Laplace's continued fraction R = 1 / (z + 1 / (z + 2 / (z + ...))), 1 - z R = R / (z +
// 2 / ...).
struct Mills {
  double ratio, rest;
};
Mills mills(double z) {
  if (z < 4) {
    const double ratio = std::erfc(z * root_half) * std::exp(0.5 * z * z) * (0.5 * root_two_pi);
    return {ratio, 1 - z * ratio};
  }
  double tail = z;
  for (int k = 24; k >= 2; --k) tail = z + k / tail;
  const double ratio = 1 / (z + 1 / tail);
  return {ratio, ratio / tail};
}

// All of f = -log P, P = Phi(b) - Phi(a), from lambda_a = phi(a) / P, lambda_b = phi(b) / P and how
// far the mean of the latent number, given that it lies between a and b, is from these.
BetweenAt from_means(double value, double lambda_a, double lambda_b, double slope,
                     double mean_above_a, double b_above_mean) {
  return {value,
          lambda_a,
          -lambda_b,
          slope,
          lambda_a > 0 ? lambda_a * mean_above_a : 0,
          lambda_b > 0 ? lambda_b * b_above_mean : 0,
          lambda_a * lambda_b};
}

// Where d is small beside 1 / |mid|: P = 2 h phi(m) I, I = int_0^1 cosh(m h s) e^(-(h s)^2 / 2) ds,
// by Gauss's rule, whose terms are all positive.
BetweenAt narrow(double m, double h) {
  constexpr double node[] = {0.013046735741414128, 0.06746831665550773, 0.16029521585048778,
                             0.2833023029353764,   0.4255628305091844,  0.5744371694908156,
                             0.7166976970646236,   0.8397047841495122,  0.9325316833444923,
                             0.9869532642585859};
  constexpr double share[] = {0.03333567215434403, 0.07472567457529021, 0.10954318125799088,
                              0.13463335965499826, 0.14776211235737646, 0.14776211235737646,
                              0.13463335965499826, 0.10954318125799088, 0.07472567457529021,
                              0.03333567215434403};
  double integral = 0, first = 0;
  for (int k = 0; k < 10; ++k) {
    const double t = h * node[k], bell = share[k] * std::exp(-0.5 * t * t);
    integral += bell * std::cosh(m * t);
    first -= bell * t * std::sinh(m * t);
  }
  const double mean = first / integral;  // from the middle
  const double edge = std::exp(-0.5 * h * h) / (2 * h * integral);
  return from_means(0.5 * m * m + half_log_two_pi - std::log(2 * h * integral),
                    edge * std::exp(m * h), edge * std::exp(-m * h), -(m + mean), h + mean,
                    h - mean);
}

// b <= 0 and P = phi(b) I, I = int_0^d e^(-z s - s^2 / 2) ds = R(z) - q R(z + d) with z = -b and
// q = phi(a) / phi(b).
BetweenAt one_sided(double b, double d) {
  const double z = -b;
  const Mills near = mills(z);
  double q = 0, rest = near.rest, integral = near.ratio;
  if (std::isfinite(d)) {
    q = std::exp(-d * (z + 0.5 * d));
    const Mills far = mills(z + d);
    integral -= q * far.ratio;
    rest -= q * (far.rest + d * far.ratio);
  }
  const double mean = rest / integral;  // below b
  return from_means(0.5 * z * z + half_log_two_pi - std::log(integral), q / integral, 1 / integral,
                    z + mean, q > 0 ? d - mean : 0, mean);
}

// a < 0 < b, far apart.
BetweenAt straddling(double a, double b) {
  const double below = 0.5 * std::erfc(-a * root_half), above = 0.5 * std::erfc(b * root_half);
  const double outside = below + above;
  const double p =
      outside < 0.5 ? 1 - outside : 0.5 * (std::erf(b * root_half) + std::erf(-a * root_half));
  const double lambda_a = std::exp(-0.5 * a * a) / (root_two_pi * p);
  const double lambda_b = std::exp(-0.5 * b * b) / (root_two_pi * p);
  const double slope = lambda_b - lambda_a;
  return from_means(outside < 0.5 ? -std::log1p(-outside) : -std::log(p), lambda_a, lambda_b, slope,
                    -(a + slope), b + slope);
}

}  // namespace

BetweenAt logistic_between(double a, double b, double d) {
  double value = softplus(-b) + softplus(a), push = 0, between = 0;
  if (std::isfinite(d)) {  // -log(1 - e^-d) keeps them apart
    const double rest = -std::expm1(-d), left = std::exp(-d);
    value -= std::log(rest);
    push = left / rest;
    between = push / rest;
  }
  return {value,
          sigmoid(a) + push,
          -sigmoid(-b) - push,
          sigmoid(-b) - sigmoid(a),
          sigmoid_slope(a),
          sigmoid_slope(b),
          between};
}

BetweenAt normal_between(double a, double b, double d) {
  const bool turned = a + b > 0;  // to the side where both tails are small
  if (turned) {
    std::swap(a, b);
    a = -a;
    b = -b;
  }
  const double m = 0.5 * (a + b), h = 0.5 * d;
  BetweenAt out = h * (1 + std::abs(m)) <= 1 ? narrow(m, h)
                  : b <= 0                   ? one_sided(b, d)
                                             : straddling(a, b);
  if (turned) {
    out.slope = -out.slope;
    std::swap(out.with_below, out.with_above);
    std::swap(out.in_below, out.in_above);
    out.in_below = -out.in_below;
    out.in_above = -out.in_above;
  }
  return out;
}

}  // namespace hessopt
