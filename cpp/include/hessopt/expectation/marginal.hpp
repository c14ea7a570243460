// The shape of a loss whose noisy linear predictor has been integrated out, F(mu, s^2), mean and
// variance of the predictor: see marginals.hpp.
#pragma once

#include "hessopt/kernels/losses.hpp"
#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct MarginalAt {
  Chunk value, mean, variance;                        // F, F_mu, F_s
  Chunk mean_mean, mean_variance, variance_variance;  // F_mumu, F_mus, F_ss
};

template <class M>
concept Marginal = requires(const M& marginal, const Chunk& mu, const Chunk& s2, const Chunk& y) {
  { marginal.at(mu, s2, y) } -> std::same_as<MarginalAt>;
};

// Defined beside what it is for, and made from the loss. `form`, where it is there, says what it is
// to the loss under other noise.
template <Loss L>
struct NormalMarginal;

}  // namespace hessopt
