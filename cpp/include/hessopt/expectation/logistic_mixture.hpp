// The logistic loss of a normal predictor: sigma(t) ~ sum_k p_k Phi(s_k t), eight terms, sup error
// 2.1e-9, so that with a = (1 - 2y) mu, v_k^2 = s^2 + 1/s_k^2 and u_k = a / v_k
//   F = sum_k p_k (a Phi(u_k) + v_k phi(u_k)),
// within 8e-9 of the integral and convex in the weights of the predictor for every s. The
// derivatives are those of the sum itself.
//
// J. F. Monahan, L. A. Stefanski, "Normal scale mixture approximations to F*(z) and computation of
// F*(z)", in Handbook of the Logistic Distribution, 1992 (the table); S. Wang, C. Manning, "Fast
// dropout training", ICML 2013 (the Gaussian predictor).
#pragma once

#include "hessopt/expectation/marginal.hpp"
#include "hessopt/losses/logistic.hpp"
#include "hessopt/losses/normal_law.hpp"

namespace hessopt {

template <>
struct NormalMarginal<Logistic> {
  static constexpr auto form = kernels::NormalForm::near;
  Logistic loss;

  static constexpr int terms = 8;
  static constexpr double weight[terms] = {0.003246343272134, 0.051517477033972, 0.195077912673858,
                                           0.315569823632818, 0.274149576158423, 0.131076880695470,
                                           0.027912418727972, 0.001449567805354};
  static constexpr double scale[terms] = {1.365340806296348, 1.059523971016916, 0.830791313765644,
                                          0.650732166639391, 0.508135425366489, 0.396313345166341,
                                          0.308904252267995, 0.238212616409306};

  MarginalAt at(const Chunk& mu, const Chunk& s2, const Chunk& y) const {
    const Chunk zero = Chunk::Zero(), one = Chunk::Ones();
    const Chunk sign = detail::where_less(y, one, one, -one), a = sign * mu;
    const Chunk part = detail::where_less(y, one, y, zero);  // as in the loss
    MarginalAt f{zero, zero, zero, zero, zero, zero};
    for (int k = 0; k < terms; ++k) {
      const Chunk v = (s2 + 1.0 / (scale[k] * scale[k])).sqrt(), inverse = 1.0 / v;
      const Chunk u = a * inverse;
      const NormalLaw law = standard_normal(u);
      const Chunk below = weight[k] * law.below, density = weight[k] * law.density;
      f.value += a * below + v * density;
      f.mean += below;
      const Chunk curvature = density * inverse, change = curvature * inverse;
      f.mean_mean += curvature;
      f.mean_variance -= u * change;
      f.variance_variance += (u * u - 1.0) * (change * inverse);
    }
    return {f.value - part * mu, sign * f.mean - part,           0.5 * f.mean_mean,
            f.mean_mean,         (0.5 * sign) * f.mean_variance, 0.25 * f.variance_variance};
  }
};

}  // namespace hessopt
