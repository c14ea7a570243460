// Standard normal numbers, each a function of (seed, stream, index) alone.
//
// Elements are grouped by 32 of absolute index: elements 32 k + l and 32 k + 16 + l, l = 0..15, are
// the pair of the counter n = 16 k + l,
//   (x0 .. x3) = philox(counter = (lo32(n), hi32(n), 2^31, stream), key = seed),
// where no bit plane of a mask is, for it has 64 planes at most. Read u = 1 - 0.d1 .. d52 from the
// leading digits of (x1 x0), and the sign s = 1 - 2 d1 and t = 0.d2 .. d53 - 1/2 from (x3 x2). Then
//   z = s r cos(pi t),  z' = s r sin(pi t),  r = sqrt(-2 log u) < 8.5.
// The digits are the same on every machine and for both widths; the numbers, computed in float64,
// are so to rounding.
//
// G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Ann. Math.
// Statist. 29 (1958).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <numbers>

#include "hessopt/random/stream.hpp"

namespace hessopt {

namespace detail {

using SixteenReals = Eigen::Array<double, 16, 1>;

// pi^(2 k + odd) / (2 k + odd)! with alternating signs: cos (odd = 0) and sin (odd = 1) of pi t for
// |t| <= 1/2, where the terms left out are below 2e-17.
constexpr std::array<double, 12> series_in_half_turns(int odd) {
  std::array<double, 12> out{};
  double term = odd ? std::numbers::pi : 1.0;
  for (int k = 0; k < 12; ++k) {
    out[static_cast<std::size_t>(k)] = term;
    const int n = 2 * k + odd;
    term *= -std::numbers::pi / (n + 1) * std::numbers::pi / (n + 2);
  }
  return out;
}

inline SixteenReals polynomial(const std::array<double, 12>& c, const SixteenReals& t) {
  SixteenReals sum = SixteenReals::Constant(c[11]);
  for (std::size_t k = 11; k-- > 0;) sum = sum * t + c[k];
  return sum;
}

// A number in [1, 2) with the 52 leading digits of `bits` after the point.
inline double one_and(std::uint64_t bits) {
  return std::bit_cast<double>(std::uint64_t{0x3FF} << 52 | bits >> 12);
}

// Elements 32 k .. 32 k + 32.
HESSOPT_NOINLINE inline void normal_group(std::uint64_t seed, std::uint32_t stream, std::uint64_t k,
                                          double* z) {
  std::uint32_t words[superblock_words];
  Stream{seed, stream}.plane(k, 1u << 31, words);
  const std::uint32_t *x0 = words, *x1 = words + 16, *x2 = words + 32, *x3 = words + 48;
  SixteenReals u, t;
  std::uint64_t sign[16];
  for (int l = 0; l < 16; ++l) {
    const std::uint64_t second = std::uint64_t{x3[l]} << 32 | x2[l];
    u[l] = 2.0 - one_and(std::uint64_t{x1[l]} << 32 | x0[l]);
    t[l] = one_and(second << 1) - 1.5;
    sign[l] = second & std::uint64_t{1} << 63;
  }
  SixteenReals r = (-2.0 * u.log()).sqrt();
  for (int l = 0; l < 16; ++l)
    r[l] = std::bit_cast<double>(std::bit_cast<std::uint64_t>(r[l]) ^ sign[l]);
  static constexpr auto cosine = series_in_half_turns(0), sine = series_in_half_turns(1);
  const SixteenReals square = t * t;
  Eigen::Map<SixteenReals>(z, 16) = r * polynomial(cosine, square);
  Eigen::Map<SixteenReals>(z + 16, 16) = r * t * polynomial(sine, square);
}

}  // namespace detail

// Elements offset .. offset + size. Called within a task: one thread.
template <Real T>
void normal_block(std::uint64_t seed, std::uint32_t stream, Index offset, Index size, T* out) {
  double z[32];
  for (Index at = 0; at < size;) {
    const Index k = (offset + at) / 32, lo = (offset + at) % 32;
    const Index count = std::min<Index>(32 - lo, size - at);
    detail::normal_group(seed, stream, static_cast<std::uint64_t>(k), z);
    for (Index i = 0; i < count; ++i) out[at + i] = static_cast<T>(z[lo + i]);
    at += count;
  }
}

}  // namespace hessopt
