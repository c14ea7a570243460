// Philox4x32-10, many counters at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hessopt/random/philox.hpp"
#include "philox_rounds.hpp"

namespace hessopt::kernels {
namespace {

// The counters (lo32(n), hi32(n), q, stream) of `size` consecutive n, the first a multiple of
// `size`. Their registers go through the rounds in step, up to four at a time: the rounds of one
// would wait for each other's products twice as long as those of four take. Of the first two rounds
// all that does not depend on q is done once, and the rest is the same for every n.
class PhiloxLanes {
 public:
  static constexpr int chains = std::min(16 / Lanes::cells, 4);  // of even or of odd n
  static constexpr int size = chains * Lanes::cells;
  static constexpr int registers = chains / 2;  // of words that come out

  PhiloxLanes(std::uint64_t seed, std::uint64_t first, std::uint32_t stream)
      : philox_(seed), first_(first) {
    for (int i = 0; i < chains; ++i) {
      const int begin = i / 2 * 2 * Lanes::cells + i % 2;  // no carry: bits of their own
      const Lanes n =
          Lanes::even() | Lanes::fill(Philox::low(first) | static_cast<std::uint32_t>(begin));
      n_[i] = product(n, Lanes::fill(Philox::m0));
      const Lanes c = high(n_[i]) ^ Lanes::fill(stream ^ philox_.k1[0]);
      c_[i] = product(c, Lanes::fill(Philox::m1));
    }
  }

  // Words i of the counters, in order, in the registers x[i].
  EIGEN_ALWAYS_INLINE void operator()(std::uint32_t q, Lanes (&x)[4][registers]) const {
    Lanes a[chains], b[chains], c[chains], d[chains];
    const std::uint64_t p1 = std::uint64_t{Philox::m1} * q;
    const std::uint32_t a1 = Philox::high(p1) ^ Philox::high(first_) ^ philox_.k0[0];
    const std::uint64_t p0 = std::uint64_t{Philox::m0} * a1;
    const Lanes same_a = Lanes::fill(Philox::low(p1) ^ philox_.k0[1]);
    const Lanes same_c = Lanes::fill(Philox::high(p0) ^ philox_.k1[1]);
    for (int i = 0; i < chains; ++i) {
      a[i] = high(c_[i]) ^ same_a;
      b[i] = c_[i];
      c[i] = n_[i] ^ same_c;
      d[i] = Lanes::fill(Philox::low(p0));
    }
    finish_rounds<2>(philox_, a, b, c, d);
    for (int r = 0; r < registers; ++r) {
      x[0][r] = interleave(a[2 * r], a[2 * r + 1]);
      x[1][r] = interleave(b[2 * r], b[2 * r + 1]);
      x[2][r] = interleave(c[2 * r], c[2 * r + 1]);
      x[3][r] = interleave(d[2 * r], d[2 * r + 1]);
    }
  }

  // One word of all counters, in order.
  static void store(const Lanes (&words)[registers], std::uint32_t* to) {
    for (int r = 0; r < registers; ++r) words[r].store(to + 2 * Lanes::cells * r);
  }

 private:
  Philox philox_;
  std::uint64_t first_;
  Lanes n_[chains], c_[chains];  // m0 n, and m1 c after the first round
};

}  // namespace
}  // namespace hessopt::kernels
