// Dropout itself: out = mask * x / (1 - rate), the mask made on the way and stored nowhere.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15 (2014), who also multiply by N(1, c),
// c = rate / (1 - rate), which has the same mean and variance.
#pragma once

#include <cmath>

#include "hessopt/dropout/keep_bits.hpp"
#include "hessopt/dropout/mask.hpp"
#include "hessopt/dropout/noise.hpp"
#include "hessopt/dropout/walk.hpp"
#include "hessopt/random/normal.hpp"

namespace hessopt {

// Elements offset .. offset + size of the tensor; out may be x. Called within a task: one thread.
template <Real T>
void dropout_block(const Dropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                   Index size, const T* x, T* out) {
  MaskReader reader(Mask(noise.keep(), noise.seed, stream, antithetic));
  const Cut pieces{size, superblock_size};
  for (Index i = 0; i < pieces.count(); ++i) {
    const Index at = pieces.begin(i), count = pieces.size(i);
    keep_bits(reader.read(offset + at, count), count, static_cast<T>(1.0 / noise.keep()), x + at,
              out + at);
  }
}

// A whole tensor, its first element being element `offset` of the mask: kept times scale, or zero.
template <Real T>
void apply_mask(const Mask& mask, T scale, Index offset, const Walk<T>& tensor) {
  tensor.run([&] { return MaskReader(mask); },
             [&](MaskReader& reader, const Piece<T>& at) {
               const Index count = at.step == 0 ? 1 : at.count;
               const std::uint32_t* words = reader.read(offset + at.mask, count);
               std::uint32_t same[superblock_words];
               if (at.step == 0) {
                 std::fill_n(same, superblock_words, words[0] & 1u ? ~0u : 0u);
                 words = same;
               }
               if (at.store == Store::streamed)
                 keep_bits<Store::streamed>(words, at.count, scale, at.x, at.out);
               else
                 keep_bits(words, at.count, scale, at.x, at.out);
             });
}

// The mask itself in numbers, one and zero.
template <Real T>
void mask_numbers(const Mask& mask, Index offset, Index size, T* out) {
  T ones[superblock_size];
  std::fill_n(ones, superblock_size, T{1});
  visit_mask(mask, offset, size, [&](const std::uint32_t* words, Index begin, Index count) {
    keep_bits(words, count, T{1}, ones, out + begin);
  });
}

// The same with a normal factor of mean one; the antithetic one lies as far on the other side of
// it.
template <Real T>
void apply_normal(const GaussianDropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                  const Walk<T>& tensor) {
  const double deviation = (antithetic ? -1 : 1) * std::sqrt(noise.variance());
  tensor.run([] { return 0; },
             [&](int, const Piece<T>& at) {
               double z[superblock_size];
               const Index count = at.step == 0 ? 1 : at.count;
               normal_block(noise.seed, stream, offset + at.mask, count, z);
               for (Index i = 0; i < at.count; ++i)
                 at.out[i] = at.x[i] * static_cast<T>(1.0 + deviation * z[at.step * i]);
             });
}

}  // namespace hessopt
