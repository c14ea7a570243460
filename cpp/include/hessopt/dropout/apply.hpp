// Dropout itself: out = mask * x / (1 - rate), the mask made on the way and stored nowhere.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15 (2014).
#pragma once

#include <bit>
#include <type_traits>

#include "hessopt/dropout/mask.hpp"
#include "hessopt/dropout/noise.hpp"

namespace hessopt {

// out = x * scale where the bit is one, else +0, also where x is NaN: a choice made on the bits of
// the number, which vector code of any level does without a branch.
template <Real T>
HESSOPT_NOINLINE void apply_bits(const std::uint32_t* words, Index lo, Index hi, T scale,
                                 const T* x, T* out) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const auto choose = [scale](std::uint32_t bit, T value) {
    return std::bit_cast<T>(std::bit_cast<Bits>(value * scale) & (Bits{0} - Bits{bit}));
  };
  if (lo == 0 && hi == superblock_size) {
    for (Index w = 0; w < superblock_words; ++w) {
      const std::uint32_t word = words[w];
      for (Index b = 0; b < 32; ++b) out[32 * w + b] = choose((word >> b) & 1u, x[32 * w + b]);
    }
    return;
  }
  for (Index e = lo; e < hi; ++e) out[e - lo] = choose((words[e / 32] >> (e % 32)) & 1u, x[e - lo]);
}

// Elements offset .. offset + size of the tensor; out may be x. Called within a task: one thread.
template <Real T>
void dropout_block(const Dropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                   Index size, const T* x, T* out) {
  const T scale = static_cast<T>(1.0 / noise.keep());
  Mask(noise.keep(), noise.seed, stream, antithetic)
      .for_each(offset, size, [&](const auto& words, Index lo, Index hi, Index at) {
        apply_bits(words, lo, hi, scale, x + at, out + at);
      });
}

// A whole tensor, all threads.
template <Real T>
void dropout(const Dropout& noise, std::uint32_t stream, Index size, const T* x, T* out) {
  require(noise.rate >= 0.0 && noise.rate < 1.0, "rate", std::to_string(noise.rate),
          "a fraction in [0, 1)");
  const T scale = static_cast<T>(1.0 / noise.keep());
  Mask(noise.keep(), noise.seed, stream)
      .parallel_for_each(0, size, [&](const auto& words, Index lo, Index hi, Index at) {
        apply_bits(words, lo, hi, scale, x + at, out + at);
      });
}

}  // namespace hessopt
