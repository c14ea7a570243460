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

  // `Lanes` counters at once, word i of lane l in x[i][l]. x holds the counters and is replaced by
  // the random words. Local words and one short loop per operation are what compilers turn into
  // vector code: as one loop per round over x itself this ran at a third of the speed (GCC 12,
  // AVX-512).
  template <int Lanes>
  constexpr void operator()(std::uint32_t (&x)[4][Lanes]) const {
    std::uint32_t a[Lanes], b[Lanes], c[Lanes], d[Lanes];
    for (int l = 0; l < Lanes; ++l) {
      a[l] = x[0][l];
      b[l] = x[1][l];
      c[l] = x[2][l];
      d[l] = x[3][l];
    }
    std::uint32_t k0 = key[0], k1 = key[1];
#pragma GCC unroll 10
    for (int r = 0; r < rounds; ++r) {
      std::uint32_t high0[Lanes], high1[Lanes], low0[Lanes], low1[Lanes];
      for (int l = 0; l < Lanes; ++l) high0[l] = high(multiplier[0], a[l]);
      for (int l = 0; l < Lanes; ++l) high1[l] = high(multiplier[1], c[l]);
      for (int l = 0; l < Lanes; ++l) low0[l] = multiplier[0] * a[l];
      for (int l = 0; l < Lanes; ++l) low1[l] = multiplier[1] * c[l];
      for (int l = 0; l < Lanes; ++l) a[l] = high1[l] ^ b[l] ^ k0;
      for (int l = 0; l < Lanes; ++l) c[l] = high0[l] ^ d[l] ^ k1;
      for (int l = 0; l < Lanes; ++l) b[l] = low1[l];
      for (int l = 0; l < Lanes; ++l) d[l] = low0[l];
      k0 += weyl[0];
      k1 += weyl[1];
    }
    for (int l = 0; l < Lanes; ++l) {
      x[0][l] = a[l];
      x[1][l] = b[l];
      x[2][l] = c[l];
      x[3][l] = d[l];
    }
  }

  constexpr std::array<std::uint32_t, 4> operator()(std::array<std::uint32_t, 4> counter) const {
    std::uint32_t x[4][1] = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
    (*this)(x);
    return {x[0][0], x[1][0], x[2][0], x[3][0]};
  }

 private:
  static constexpr std::uint32_t high(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>(std::uint64_t{a} * b >> 32);
  }
};

}  // namespace hessopt
