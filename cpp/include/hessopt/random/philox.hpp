// Philox4x32-10: a random number is a function of (key, counter), so any position of any stream can
// be had at once, in any order, on any number of threads.
//
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>

namespace hessopt {

struct Philox {
  static constexpr int rounds = 10;
  static constexpr std::uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
  static constexpr std::uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u};

  std::uint32_t key[2];

  explicit constexpr Philox(std::uint64_t seed)
      : key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  // `Lanes` counters at once, word i of lane l in x[i][l]: the loops over lanes are what compilers
  // turn into vector code. x holds the counters and is replaced by the random words.
  template <int Lanes>
  constexpr void operator()(std::uint32_t (&x)[4][Lanes]) const {
    std::uint32_t k0 = key[0], k1 = key[1];
    for (int r = 0; r < rounds; ++r) {
      for (int l = 0; l < Lanes; ++l) {
        const std::uint64_t p0 = std::uint64_t{multiplier[0]} * x[0][l];
        const std::uint64_t p1 = std::uint64_t{multiplier[1]} * x[2][l];
        x[0][l] = static_cast<std::uint32_t>(p1 >> 32) ^ x[1][l] ^ k0;
        x[1][l] = static_cast<std::uint32_t>(p1);
        x[2][l] = static_cast<std::uint32_t>(p0 >> 32) ^ x[3][l] ^ k1;
        x[3][l] = static_cast<std::uint32_t>(p0);
      }
      k0 += weyl[0];
      k1 += weyl[1];
    }
  }

  constexpr std::array<std::uint32_t, 4> operator()(std::array<std::uint32_t, 4> counter) const {
    std::uint32_t x[4][1] = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
    (*this)(x);
    return {x[0][0], x[1][0], x[2][0], x[3][0]};
  }
};

}  // namespace hessopt
