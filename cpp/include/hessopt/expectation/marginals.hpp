// Losses whose noisy linear predictor has been integrated out, F(mu, s^2), with their derivatives
// in the mean mu and in the variance s^2 of the predictor:
//   normal  F = E l(mu + s e, y), e standard normal, for the losses that have a closed form of it;
//   Taylor  F = l(mu) + s^2 l''(mu) / 2, to second order in the noise, not convex in general.
// E l(mu + s e) solves the heat equation: F_s = F_mumu / 2, F_mus = F_mumumu / 2, F_ss = F_4mu / 4.
//
// S. Wager, S. Wang, P. Liang, "Dropout training as adaptive regularization", NIPS 2013 (Taylor).
#pragma once

#include "hessopt/expectation/logistic_mixture.hpp"
#include "hessopt/expectation/marginal.hpp"
#include "hessopt/losses/normal_law.hpp"
#include "hessopt/losses/table.hpp"

namespace hessopt {

// Right for any noise: E (mu + s e - y)^2 / 2 = (mu - y)^2 / 2 + s^2 / 2.
template <>
struct NormalMarginal<Squared> {
  static constexpr auto form = kernels::NormalForm::of_any_noise;
  Squared loss;

  MarginalAt at(const Chunk& mu, const Chunk& s2, const Chunk& y) const {
    const Pointwise l = loss.at(mu, y);
    const Chunk zero = Chunk::Zero();
    return {l.value + 0.5 * s2, l.first, Chunk::Constant(0.5), l.second, zero, zero};
  }
};

// E e^(mu + s e) = e^(mu + s^2 / 2).
template <ExponentialLoss L>
struct NormalMarginal<L> {
  L loss;

  MarginalAt at(const Chunk& mu, const Chunk& s2, const Chunk& y) const {
    const ExponentialTerms l = loss.terms(y);
    const Chunk e = l.scale * detail::exponential(l.sign * mu + 0.5 * s2);
    const Chunk first = l.sign * e;
    return {e + l.slope * mu, first + l.slope, 0.5 * e, e, 0.5 * first, 0.25 * e};
  }
};

// With M = |mu - y|, alpha = (-delta - M) / s and beta = (delta - M) / s, between which the
// residual r is inside, P = Phi(beta) - Phi(alpha), E_r its expectation there:
//   F    = E_r r^2 / 2 + delta [(M - delta/2) Phi(-beta) + s phi(beta)]
//                      + delta [(-M - delta/2) Phi(alpha) + s phi(alpha)],
//   F_mu = sign(mu - y) [M P + s (phi(alpha) - phi(beta)) + delta (Phi(-beta) - Phi(alpha))],
//   E_r r^2 = (M^2 + s^2) P + s [(M - delta) phi(alpha) - (M + delta) phi(beta)].
template <>
struct NormalMarginal<Huber> {
  Huber loss;

  MarginalAt at(const Chunk& mu, const Chunk& s2, const Chunk& y) const {
    constexpr double least = 1e-140;  // of s, whose square is no denormal
    const double delta = loss.delta;
    const Chunk one = Chunk::Ones(), zero = Chunk::Zero(), r = mu - y, m = r.abs();
    const Chunk sign = detail::where_less(r, zero, -one, one);
    const Chunk s = s2.sqrt().max<Eigen::PropagateNaN>(least);
    const Chunk alpha = (-delta - m) / s, beta = (delta - m) / s;
    const NormalLaw low = standard_normal(alpha), high = standard_normal(beta);
    const Chunk above = standard_normal(-beta).below;
    const Chunk p = detail::where_less(beta, zero, high.below - low.below, 1.0 - above - low.below);
    const Chunk square =
        (m.square() + s2) * p + s * ((m - delta) * low.density - (m + delta) * high.density);
    const Chunk slope = (low.density - high.density) / s;  // F_mumumu, but for its sign
    return {0.5 * square + delta * ((m - 0.5 * delta) * above + s * high.density -
                                    (m + 0.5 * delta) * low.below + s * low.density),
            sign * (m * p + s * (low.density - high.density) + delta * (above - low.below)),
            0.5 * p,
            p,
            0.5 * sign * slope,
            0.25 * (alpha * low.density - beta * high.density) / s.square()};
  }
};

template <class L>
concept HasNormalMarginal = Loss<L> && requires(L loss) {
  { NormalMarginal<L>{loss} } -> Marginal;
};

template <class L>
concept HasTaylorMarginal = ExponentialLoss<L> || FourTimesDifferentiable<L>;

template <HasTaylorMarginal L>
struct TaylorMarginal {
  L loss;

  MarginalAt at(const Chunk& mu, const Chunk& s2, const Chunk& y) const {
    const Pointwise l = loss.at(mu, y);
    const auto [third, fourth] = higher(l, y);
    const Chunk half = 0.5 * s2;
    return {l.value + half * l.second,
            l.first + half * third,
            0.5 * l.second,
            l.second + half * fourth,
            0.5 * third,
            Chunk::Zero()};
  }

 private:
  ThirdAndFourth higher(const Pointwise& l, const Chunk& y) const {
    if constexpr (ExponentialLoss<L>)
      return {loss.terms(y).sign * l.second, l.second};
    else
      return loss.third_and_fourth(l, y);
  }
};

}  // namespace hessopt
