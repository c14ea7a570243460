// Standard normal numbers, 32 at a time: see random/normal.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <numbers>

#include "superblock.hpp"

namespace hessopt::kernels {
namespace {

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

constexpr std::uint32_t normal_plane = 1u << 31;

// The pairs that words 0 .. 3 of 16 counters make, those of each lying together.
inline void pairs_of_words(const std::uint32_t* words, double* z) {
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

// Elements 32 k .. 32 k + 32.
HESSOPT_NOINLINE inline void normal_group(const Stream& stream, std::uint64_t k, double* z) {
  std::uint32_t words[superblock_words];
  draw_plane(stream, k, normal_plane, words);
  pairs_of_words(words, z);
}

// Elements offset .. offset + size.
template <Real T>
void normal_block(const Stream& stream, Index offset, Index size, T* out) {
  double z[32];
  for (Index at = 0; at < size;) {
    const Index k = (offset + at) / 32, lo = (offset + at) % 32;
    const Index count = std::min<Index>(32 - lo, size - at);
    normal_group(stream, static_cast<std::uint64_t>(k), z);
    for (Index i = 0; i < count; ++i) out[at + i] = static_cast<T>(z[lo + i]);
    at += count;
  }
}

}  // namespace
}  // namespace hessopt::kernels
