// Moments over many masks from the numbers of masks that keep an element.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "hessopt/kernels/dropout.hpp"
#include "superblock.hpp"

namespace hessopt::kernels {
namespace {

// How many masks keep each element of a superblock, in binary: digit q of the counts of 32 elements
// is a word, and a mask is added to all of them by the carries of one adder.
class KeptCounts {
 public:
  HESSOPT_NOINLINE void add(const std::uint32_t (&mask)[superblock_words]) {
    const int digits = width();
    ++masks_;
    std::uint32_t carry[superblock_words];
    std::copy(mask, mask + superblock_words, carry);
    for (int q = 0; q < digits; ++q)
      for (int w = 0; w < superblock_words; ++w) {
        const std::uint32_t both = digits_[q][w] & carry[w];
        digits_[q][w] ^= carry[w];
        carry[w] = both;
      }
    if (width() > digits) std::copy(carry, carry + superblock_words, digits_[digits]);
  }

  // Of the 32 elements of a word.
  void of_word(int w, std::int32_t (&count)[32]) const {
    std::fill(count, count + 32, 0);
    for (int q = 0; q < width(); ++q) {
      const std::uint32_t digit = digits_[q][w];
      for (int b = 0; b < 32; ++b) count[b] |= static_cast<std::int32_t>(((digit >> b) & 1u) << q);
    }
  }

 private:
  int width() const { return static_cast<int>(std::bit_width(masks_)); }

  std::uint32_t masks_ = 0;
  std::uint32_t digits_[32][superblock_words];
};

// A choice, as where an element is never kept it is 0 even if x is NaN.
template <Real T>
HESSOPT_NOINLINE void moments_of_counts(const KeptCounts& counts, Index samples, T scale,
                                        Index size, const T* x, T* mean, T* variance) {
  const T all = static_cast<T>(samples);
  const T pairs = static_cast<T>(1.0 / (static_cast<double>(samples) * (samples - 1.0)));
  const auto total = static_cast<std::int32_t>(samples);
  const auto word = [&](const std::int32_t (&count)[32], Index at, Index n) {
    for (Index b = 0; b < n; ++b) {
      const T v = x[at + b] * scale, c = static_cast<T>(count[b]);
      const T m = v * (c / all), s = (v * v) * (c * static_cast<T>(total - count[b])) * pairs;
      mean[at + b] = count[b] == 0 ? T(0) : m;
      variance[at + b] = count[b] == 0 ? T(0) : s;
    }
  };
  for (int w = 0; 32 * w < size; ++w) {
    std::int32_t count[32];
    counts.of_word(w, count);
    if (32 * (w + 1) <= size)
      word(count, 32 * w, 32);
    else
      word(count, 32 * w, size - 32 * w);
  }
}

template <Real T>
Outcome moments(const MaskLaw& first, Index samples, std::uint64_t superblock, T scale, Index size,
                const T* x, T* mean, T* variance, Poll poll) noexcept {
  KeptCounts counts;
  std::uint32_t bits[superblock_words];
  for (Index k = 0; k < samples; ++k) {
    if (k % 1024 == 1023 && poll()) return Outcome::abandoned;
    MaskLaw mask = first;
    mask.stream.stream += static_cast<std::uint32_t>(k);
    draw_superblock(mask, superblock, bits);
    counts.add(bits);
  }
  moments_of_counts(counts, samples, scale, size, x, mean, variance);
  return Outcome::done;
}

}  // namespace
}  // namespace hessopt::kernels
