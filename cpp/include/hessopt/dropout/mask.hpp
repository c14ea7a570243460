// A mask: which elements of a tensor are kept, as a function of their flat index.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/random/bernoulli.hpp"

namespace hessopt {

class Mask {
 public:
  Mask(double keep, std::uint64_t seed, std::uint32_t stream, bool antithetic = false)
      : law_(keep), stream_{seed, stream, antithetic} {}

  // visit(words, lo, hi, at) for every superblock that meets [offset, offset + size): bits lo .. hi
  // of the words belong to places at .. at + hi - lo of the range.
  template <class Visit>
  void for_each(Index offset, Index size, Visit&& visit) const {
    for_each_of(superblocks(offset, size), 0, offset, size, visit);
  }
  template <class Visit>
  void parallel_for_each(Index offset, Index size, Visit&& visit) const {
    const Cut tasks{superblocks(offset, size), 64};
    parallel_for(tasks.count(), [&](Index t) {
      for_each_of(tasks.begin(t) + tasks.size(t), tasks.begin(t), offset, size, visit);
    });
  }

  // Little bit order, as np.packbits(..., bitorder="little"); the last byte is filled with zeros.
  void pack(Index offset, Index size, std::uint8_t* out) const {
    const Cut parts{size, superblock_size};
    const auto first = static_cast<int>(offset % superblock_size / 32);
    const auto shift = static_cast<int>(offset % 32);
    parallel_for(parts.count(), [&](Index part) {
      // Two neighbouring superblocks hold the bits of a part that begins inside the first.
      std::uint32_t words[2][superblock_words] = {};
      const auto s = static_cast<std::uint64_t>((offset + parts.begin(part)) / superblock_size);
      law_.superblock(stream_, s, words[0]);
      if (first + shift != 0) law_.superblock(stream_, s + 1, words[1]);
      const auto word = [&](int w) { return words[w / superblock_words][w % superblock_words]; };
      std::uint8_t* bytes = out + parts.begin(part) / 8;
      for (int w = 0; 32 * w < parts.size(part); ++w) {
        std::uint32_t bits = word(first + w) >> shift;
        if (shift != 0) bits |= word(first + w + 1) << (32 - shift);
        const auto left = static_cast<int>(std::min<Index>(32, parts.size(part) - 32 * w));
        if (left < 32) bits &= (1u << left) - 1;
        for (int b = 0; 8 * b < left; ++b)
          bytes[4 * w + b] = static_cast<std::uint8_t>(bits >> (8 * b));
      }
    });
  }

 private:
  static Index superblocks(Index offset, Index size) {
    if (size == 0) return 0;
    return (offset + size - 1) / superblock_size - offset / superblock_size + 1;
  }

  template <class Visit>
  void for_each_of(Index end, Index begin, Index offset, Index size, Visit& visit) const {
    for (Index i = begin; i < end; ++i) {
      const Index s = offset / superblock_size + i, first = s * superblock_size;
      const Index lo = std::max(offset, first),
                  hi = std::min(offset + size, first + superblock_size);
      std::uint32_t words[superblock_words];
      law_.superblock(stream_, static_cast<std::uint64_t>(s), words);
      visit(words, lo - first, hi - first, lo - offset);
    }
  }

  Bernoulli law_;
  Stream stream_;
};

}  // namespace hessopt
