// Philox4x32-10: a random number is a function of (key, counter), so any position of any stream can
// be had at once, in any order, on any number of threads.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>

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

}  // namespace hessopt
