// A mask, piece by piece.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "superblock.hpp"

namespace hessopt::kernels {
namespace {

// Hands out a mask in pieces of up to 2048 elements that begin anywhere. Of pieces in a row each
// superblock is drawn once.
class MaskReader {
 public:
  explicit MaskReader(const MaskLaw& mask) : mask_(mask) {}

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
    draw_superblock(mask_, static_cast<std::uint64_t>(s), words_ + superblock_words * held_++);
  }
  HESSOPT_NOINLINE void shift(int begin, int words) {
    const std::uint32_t* from = words_ + begin / 32;
    const int by = begin % 32;
    for (int w = 0; w < words; ++w) shifted_[w] = from[w] >> by | from[w + 1] << (32 - by);
  }

  MaskLaw mask_;
  Index first_ = 0;  // the superblock of words_[0]
  int held_ = 0;     // and how many there are
  std::uint32_t words_[2 * superblock_words] = {}, shifted_[superblock_words];
};

// visit(words, begin, count) for the elements offset + begin .. + count, from bit 0 on, of pieces
// that begin at multiples of 2048.
template <class Visit>
void visit_mask(const MaskLaw& mask, Index offset, Index size, Visit&& visit) {
  MaskReader reader(mask);
  for (Index begin = 0; begin < size; begin += superblock_size) {
    const Index count = std::min(superblock_size, size - begin);
    visit(reader.read(offset + begin, count), begin, count);
  }
}

}  // namespace
}  // namespace hessopt::kernels
