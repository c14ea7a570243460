// A mask: which elements of a tensor are kept, as a function of their flat index.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/random/bernoulli.hpp"

namespace hessopt {

struct Mask {
  Bernoulli law;
  Stream stream;

  // The antithetic mask comes of the complements of the same random numbers: as likely to keep an
  // element, and the less likely where the other does.
  Mask(double keep, std::uint64_t seed, std::uint32_t stream_, bool antithetic = false)
      : law(keep, antithetic), stream{seed, stream_} {}
};

// Hands out a mask in pieces of up to 2048 elements that begin anywhere. Of pieces in a row each
// superblock is drawn once.
class MaskReader {
 public:
  explicit MaskReader(const Mask& mask) : mask_(mask) {}

  // Element first + 32 w + b in bit b of word w; the bits after `count` elements are anything.
  const std::uint32_t* read(Index first, Index count) {
    const Index s = first / superblock_size;
    const auto begin = static_cast<int>(first % superblock_size);
    hold(s);
    if (begin + count > superblock_size && held_ < 2) draw(s + 1);
    if (begin % 32 == 0) return words_ + begin / 32;
    shift(begin, static_cast<int>((count + 31) / 32));
    return shifted_;
  }

 private:
  void hold(Index s) {
    if (held_ != 0 && s == first_) return;
    if (held_ == 2 && s == first_ + 1) {
      std::memcpy(words_, words_ + superblock_words, sizeof(std::uint32_t) * superblock_words);
      held_ = 1;
    } else {
      held_ = 0;
      draw(s);
    }
    first_ = s;
  }
  void draw(Index s) {
    mask_.law.superblock(mask_.stream, static_cast<std::uint64_t>(s),
                         words_ + superblock_words * held_++);
  }
  HESSOPT_NOINLINE void shift(int begin, int words) {
    const std::uint32_t* from = words_ + begin / 32;
    const int by = begin % 32;
    for (int w = 0; w < words; ++w) shifted_[w] = from[w] >> by | from[w + 1] << (32 - by);
  }

  Mask mask_;
  Index first_ = 0;  // the superblock of words_[0]
  int held_ = 0;     // and how many there are
  std::uint32_t words_[2 * superblock_words] = {}, shifted_[superblock_words];
};

// Pieces of a mask, all threads: visit(words, begin, count) with count elements from bit 0 on. They
// begin at multiples of 2048.
template <class Visit>
void visit_mask(const Mask& mask, Index offset, Index size, Visit&& visit) {
  const Cut tasks{size, elements_per_task};
  parallel_for(tasks.count(), [&](Index t) {
    MaskReader reader(mask);
    const Cut pieces{tasks.size(t), superblock_size};
    for (Index i = 0; i < pieces.count(); ++i) {
      const Index begin = tasks.begin(t) + pieces.begin(i), count = pieces.size(i);
      visit(reader.read(offset + begin, count), begin, count);
    }
  });
}

// The byte that holds the bits 8 i .. 8 i + 8 of a row of words.
inline std::uint8_t byte_of(const std::uint32_t* words, Index i) {
  return static_cast<std::uint8_t>(words[i / 4] >> (8 * (i % 4)));
}

// Little bit order, as np.packbits(..., bitorder="little"); the last byte is filled with zeros.
inline void pack_mask(const Mask& mask, Index offset, Index size, std::uint8_t* out) {
  visit_mask(mask, offset, size, [out](const std::uint32_t* words, Index begin, Index count) {
    std::uint8_t* bytes = out + begin / 8;
    if (std::endian::native == std::endian::little && count == superblock_size) {
      std::memcpy(bytes, words, superblock_size / 8);
      return;
    }
    for (Index i = 0; i < (count + 7) / 8; ++i) bytes[i] = byte_of(words, i);
    if (count % 8 != 0) bytes[count / 8] &= static_cast<std::uint8_t>((1u << (count % 8)) - 1);
  });
}

// A byte an element, zero or one.
inline void spread_mask(const Mask& mask, Index offset, Index size, bool* out) {
  visit_mask(mask, offset, size, [out](const std::uint32_t* words, Index begin, Index count) {
    Index e = 0;
    for (; e + 8 <= count; e += 8) {
      // Each byte of the product has the eight bits, and keeps its own, which a carry brings to the
      // top and a shift to the bottom of the byte.
      const std::uint64_t copies = byte_of(words, e / 8) * 0x0101010101010101u;
      const std::uint64_t own = copies & 0x8040201008040201u;
      const std::uint64_t spread = (own + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u;
      std::uint8_t bytes[8];
      for (int b = 0; b < 8; ++b) bytes[b] = static_cast<std::uint8_t>(spread >> (8 * b));
      std::memcpy(out + begin + e, bytes, 8);
    }
    for (; e < count; ++e) out[begin + e] = (words[e / 32] >> (e % 32) & 1u) != 0;
  });
}

}  // namespace hessopt
