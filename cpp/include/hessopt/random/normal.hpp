// Standard normal numbers, each a function of (seed, stream, index) alone.
//
// Elements are grouped by 16 of absolute index: elements 16 k + i and 16 k + 8 + i, i = 0..7, are
// the pair of the counter n = 8 k + i,
//   (x0 .. x3) = philox(counter = (lo32(n), hi32(n), 2^31, stream), key = seed),
// where no bit plane of a mask ever is (it has fewer than 2^31 planes). With u = 1 - the 52 leading
// bits of (x1 x0) and, of (x3 x2), the leading bit b and the 52 bits f after it, both as fractions,
//   r = sqrt(-2 log u),  z = r cos pi (b + f - 1/2),  z' = r sin pi (b + f - 1/2).
// The bits are the same on every machine and for both widths; the numbers, computed in float64, to
// rounding. |z| is below 8.5.
//
// G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Ann. Math.
// Statist. 29 (1958).
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hessopt/core/types.hpp"
#include "hessopt/random/philox.hpp"

namespace hessopt {

inline constexpr std::uint32_t normal_plane = 1u << 31;

// Elements 16 k .. 16 k + 16.
inline void sixteen_normals(std::uint64_t seed, std::uint32_t stream, std::uint64_t k,
                            double (&z)[16]) {
  std::uint32_t x[4][8];
  for (std::uint32_t i = 0; i < 8; ++i) {
    x[0][i] = static_cast<std::uint32_t>(8 * k) + i;
    x[1][i] = static_cast<std::uint32_t>(8 * k >> 32);
    x[2][i] = normal_plane;
    x[3][i] = stream;
  }
  Philox{seed}(x);
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t first = std::uint64_t{x[1][i]} << 32 | x[0][i];
    const std::uint64_t second = std::uint64_t{x[3][i]} << 32 | x[2][i];
    const double r = std::sqrt(-2 * std::log(1 - 0x1p-52 * static_cast<double>(first >> 12)));
    const double f = 0x1p-52 * static_cast<double>(second << 1 >> 12) - 0.5;
    const double side = second >> 63 ? -r : r;
    z[i] = side * std::cos(std::numbers::pi * f);
    z[8 + i] = side * std::sin(std::numbers::pi * f);
  }
}

// Elements offset .. offset + size. Called within a task: one thread.
template <Real T>
void normal_block(std::uint64_t seed, std::uint32_t stream, Index offset, Index size, T* out) {
  double z[16];
  for (Index at = 0; at < size;) {
    const Index k = (offset + at) / 16, lo = (offset + at) % 16;
    const Index count = std::min<Index>(16 - lo, size - at);
    sixteen_normals(seed, stream, static_cast<std::uint64_t>(k), z);
    for (Index i = 0; i < count; ++i) out[at + i] = static_cast<T>(z[lo + i]);
    at += count;
  }
}

}  // namespace hessopt
