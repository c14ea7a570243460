// K masks of one activation at once, the masks of K streams in a row: as K arrays, or as the mean
// and the variance over them, for which no array is needed.
//
// What is kept is v = x / (1 - rate), what is dropped 0. So the moments follow from the number c of
// masks that keep the element:
//   mean = v c / K,   variance = v^2 c (K - c) / (K (K - 1)).
#pragma once

#include <bit>

#include "hessopt/dropout/apply.hpp"

namespace hessopt {

// out[k] = dropout of x by stream `stream` + k, while a part of x lies in cache.
template <Real T>
void dropout_samples(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* out) {
  const Cut parts{size, 64 * superblock_size};
  const Index share = std::max<Index>(1, parts.step / std::max<Index>(size, 1));
  parallel_for(
      parts.count() * samples,
      [&](Index task) {
        const Index part = task / samples, k = task % samples, begin = parts.begin(part);
        dropout_block(noise, stream + static_cast<std::uint32_t>(k), false, begin, parts.size(part),
                      x + begin, out + k * size + begin);
      },
      share);
}

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

namespace detail {

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

}  // namespace detail

// Mean and unbiased variance of each element over the masks of streams `stream` .. + samples.
template <Real T>
void dropout_moments(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* mean, T* variance) {
  require(samples >= 2 && samples < (Index{1} << 31), "n_samples", std::to_string(samples),
          "an integer in [2, 2**31)");
  const Bernoulli law(noise.keep());
  const T scale = static_cast<T>(1.0 / noise.keep());
  const Cut blocks{size, superblock_size};
  parallel_for(blocks.count(), [&](Index s) {
    KeptCounts counts;
    std::uint32_t mask[superblock_words];
    for (Index k = 0; k < samples; ++k) {
      if (k % 1024 == 1023) poll_interrupt();
      law.superblock({noise.seed, stream + static_cast<std::uint32_t>(k)},
                     static_cast<std::uint64_t>(s), mask);
      counts.add(mask);
    }
    const Index at = blocks.begin(s);
    detail::moments_of_counts(counts, samples, scale, blocks.size(s), x + at, mean + at,
                              variance + at);
  });
}

}  // namespace hessopt
