// Philox4x32-10: a random number is a function of (key, counter), so any position of any stream can
// be had at once, in any order, on any number of threads.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "hessopt/random/lanes.hpp"

namespace hessopt {

// The definition, a counter at a time. A round takes (a, b, c, d) to
//   (high(m1 c) ^ b ^ k0, low(m1 c), high(m0 a) ^ d ^ k1, low(m0 a)).
struct Philox {
  static constexpr int rounds = 10;
  static constexpr std::uint32_t m0 = 0xD2511F53u, m1 = 0xCD9E8D57u;

  std::array<std::uint32_t, rounds> k0, k1;  // the keys of the rounds

  explicit constexpr Philox(std::uint64_t seed) : k0{}, k1{} {
    for (std::uint32_t r = 0; r < rounds; ++r) {
      k0[r] = static_cast<std::uint32_t>(seed) + r * 0x9E3779B9u;
      k1[r] = static_cast<std::uint32_t>(seed >> 32) + r * 0xBB67AE85u;
    }
  }

  constexpr std::array<std::uint32_t, 4> operator()(std::array<std::uint32_t, 4> x) const {
    for (std::size_t r = 0; r < rounds; ++r) {
      const std::uint64_t p0 = std::uint64_t{m0} * x[0], p1 = std::uint64_t{m1} * x[2];
      x = {high(p1) ^ x[1] ^ k0[r], low(p1), high(p0) ^ x[3] ^ k1[r], low(p0)};
    }
    return x;
  }

  static constexpr std::uint32_t high(std::uint64_t p) {
    return static_cast<std::uint32_t>(p >> 32);
  }
  static constexpr std::uint32_t low(std::uint64_t p) { return static_cast<std::uint32_t>(p); }
};

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
    const Lanes m0 = Lanes::fill(Philox::m0), m1 = Lanes::fill(Philox::m1);
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
#pragma GCC unroll 8
    for (std::size_t r = 2; r < Philox::rounds; ++r) {
      const Lanes k0 = Lanes::fill(philox_.k0[r]), k1 = Lanes::fill(philox_.k1[r]);
#pragma GCC unroll 4
      for (int i = 0; i < chains; ++i) {
        const Lanes p = product(a[i], m0), s = product(c[i], m1);
        a[i] = xor3(high(s), b[i], k0);
        c[i] = xor3(high(p), d[i], k1);
        b[i] = s;
        d[i] = p;
      }
    }
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

}  // namespace hessopt
