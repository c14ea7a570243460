// The rounds of Philox4x32-10 over registers of counters.
#pragma once

#include "hessopt/random/philox.hpp"
#include "lanes.hpp"

namespace hessopt::kernels {
namespace {

// Rounds `first` to the last of the counters (a, b, c, d), whose registers go through them in step:
// the products of one would wait for each other.
template <std::size_t first, int chains>
EIGEN_ALWAYS_INLINE void finish_rounds(const Philox& philox, Lanes (&a)[chains], Lanes (&b)[chains],
                                       Lanes (&c)[chains], Lanes (&d)[chains]) {
  const Lanes m0 = Lanes::fill(Philox::m0), m1 = Lanes::fill(Philox::m1);
#pragma GCC unroll 10
  for (std::size_t r = first; r < Philox::rounds; ++r) {
    const Lanes k0 = Lanes::fill(philox.k0[r]), k1 = Lanes::fill(philox.k1[r]);
#pragma GCC unroll 4
    for (int i = 0; i < chains; ++i) {
      const Lanes p = product(a[i], m0), s = product(c[i], m1);
      a[i] = xor3(high(s), b[i], k0);
      c[i] = xor3(high(p), d[i], k1);
      b[i] = s;
      d[i] = p;
    }
  }
}

}  // namespace
}  // namespace hessopt::kernels
