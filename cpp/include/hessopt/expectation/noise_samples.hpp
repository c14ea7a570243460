// K fixed samples of the noise of a tensor: each a function of (seed, sample, element), stored
// nowhere. Sample k of element e is made of a `Draw`,
//   random      element e of stream k;
//   antithetic  element e of stream k div 2, mirrored where k is odd;
//   a net       the fraction U of the k-th point of a digital net with a random shift for e.
//
// J. M. Hammersley, K. W. Morton, "A new Monte Carlo technique: antithetic variates", Proc.
// Cambridge Philos. Soc. 52 (1956).
#pragma once

#include <memory>

#include "hessopt/dropout/apply.hpp"
#include "hessopt/random/digital_net.hpp"

namespace hessopt {

class NoiseSamples {
 public:
  NoiseSamples(const Noise& law, Index count, bool antithetic = false);
  // A sample per point of the net, a column per column of the tensor.
  NoiseSamples(const Noise& law, std::shared_ptr<const NetPoints> points);

  Index count() const { return count_; }

  // out = x with the noise of sample k, elements offset .. offset + size; out may be x. Called
  // within a task: one thread.
  template <Real T>
  void apply(Index k, Index offset, Index size, const T* x, T* out) const;
  // The same of elements anywhere, under noise that multiplies.
  void apply_at(Index k, const kernels::Scattered& at, double* x) const;
  bool is_additive() const { return hessopt::is_additive(law_); }

 private:
  Draw draw_of(Index k) const;

  Noise law_;
  Index count_;
  bool antithetic_;
  std::shared_ptr<const NetPoints> net_;  // null: drawn at random
};

}  // namespace hessopt
