// Dropout itself: out = mask * x / (1 - rate), the mask made on the way and stored nowhere.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15 (2014).
#pragma once

#include "hessopt/dropout/mask.hpp"

namespace hessopt {

struct Dropout {
  double rate;
  std::uint64_t seed = 0;

  double keep() const { return 1.0 - rate; }
};

// A dropped element becomes +0 by selection, not by multiplication, also where it was NaN.
template <Real T>
void apply_bits(const std::uint32_t* words, Index lo, Index hi, T scale, const T* x, T* out) {
  const auto kept = [&](Index e) { return ((words[e / 32] >> (e % 32)) & 1u) != 0; };
  if (lo == 0 && hi == superblock_size) {
    for (Index w = 0; w < superblock_words; ++w)
      for (Index b = 0; b < 32; ++b)
        out[32 * w + b] = (words[w] >> b) & 1u ? x[32 * w + b] * scale : T{0};
    return;
  }
  for (Index e = lo; e < hi; ++e) out[e - lo] = kept(e) ? x[e - lo] * scale : T{0};
}

// Elements offset .. offset + size of the tensor; out may be x. Called within a task: one thread.
template <Real T>
void dropout_block(const Dropout& noise, std::uint32_t stream, Index offset, Index size, const T* x,
                   T* out) {
  const T scale = static_cast<T>(1.0 / noise.keep());
  Mask(noise.keep(), noise.seed, stream)
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
