// Losses whose noisy linear predictor has been integrated out: F(mu, s^2) = E l(mu + s e, y) with
// e standard normal, and its derivatives in mu and in the variance s^2.
#pragma once

#include <cmath>

#include "hessopt/core/types.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct MarginalDerivatives {
  Array value, mean, variance;                        // F, F_mu, F_s
  Array mean_mean, mean_variance, variance_variance;  // F_mumu, F_mus, F_ss
};

template <Loss L>
struct NormalMarginal;

// Exact for any noise with these two moments: E (mu + s e - y)^2 / 2 = (mu - y)^2 / 2 + s^2 / 2.
template <>
struct NormalMarginal<Squared> {
  static void evaluate(const Array& mu, const Array& s2, const Array& y, MarginalDerivatives& out) {
    const Array zero = Array::Zero(mu.size());
    out.mean = mu - y;
    out.value = 0.5 * (out.mean.square() + s2);
    out.variance = zero + 0.5;
    out.mean_mean = zero + 1.0;
    out.mean_variance = zero;
    out.variance_variance = zero;
  }
};

// sigma(t) ~ sum_k p_k Phi(s_k t), eight terms, sup error 2.1e-9, so that with a = (1 - 2y) mu,
// v_k^2 = s^2 + 1/s_k^2 and u_k = a / v_k
//   F = sum_k p_k (a Phi(u_k) + v_k phi(u_k)),
// convex in the weights of the predictor for every s. The derivatives are those of the sum itself.
//
// J. F. Monahan, L. A. Stefanski, "Normal scale mixture approximations to F*(z) and computation of
// F*(z)", in Handbook of the Logistic Distribution, 1992 (the table); S. Wang, C. Manning, "Fast
// dropout training", ICML 2013 (the Gaussian predictor).
template <>
struct NormalMarginal<Logistic> {
  static constexpr int terms = 8;
  static constexpr double weight[terms] = {0.003246343272134, 0.051517477033972, 0.195077912673858,
                                           0.315569823632818, 0.274149576158423, 0.131076880695470,
                                           0.027912418727972, 0.001449567805354};
  static constexpr double scale[terms] = {1.365340806296348, 1.059523971016916, 0.830791313765644,
                                          0.650732166639391, 0.508135425366489, 0.396313345166341,
                                          0.308904252267995, 0.238212616409306};

  static void evaluate(const Array& mu, const Array& s2, const Array& y, MarginalDerivatives& out) {
    constexpr double inverse_sqrt_2pi = 0.39894228040143267794;
    constexpr double inverse_sqrt_2 = 0.70710678118654752440;
    const Index n = mu.size();
    for (Array* a : {&out.value, &out.mean, &out.variance, &out.mean_mean, &out.mean_variance,
                     &out.variance_variance})
      a->setZero(n);
    for (Index i = 0; i < n; ++i) {
      const double sign = 1.0 - 2.0 * y[i], a = sign * mu[i];
      for (int k = 0; k < terms; ++k) {
        const double v = std::sqrt(s2[i] + 1.0 / (scale[k] * scale[k])), u = a / v;
        const double cdf = weight[k] * 0.5 * std::erfc(-u * inverse_sqrt_2);
        const double pdf = weight[k] * inverse_sqrt_2pi * std::exp(-0.5 * u * u);
        out.value[i] += a * cdf + v * pdf;
        out.mean[i] += sign * cdf;
        out.variance[i] += pdf / (2 * v);
        out.mean_mean[i] += pdf / v;
        out.mean_variance[i] -= sign * u * pdf / (2 * v * v);
        out.variance_variance[i] += (u * u - 1) * pdf / (4 * v * v * v);
      }
    }
  }
};

}  // namespace hessopt
