// The shifted fractions of a digital net, element after element: see random/digital_net.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hessopt/kernels/dropout.hpp"
#include "superblock.hpp"

namespace hessopt::kernels {
namespace {

constexpr Index most_fractions = superblock_words;  // that are visited at a time
constexpr std::uint32_t shift_plane = (1u << 31) + 1;

// visit(words, at, count): the fractions of elements offset + at .. + count.
template <class Visit>
void for_each_fraction(const NetPoint& net, Index offset, Index size, Visit&& visit) {
  const Stream shifts{net.seed, 0};
  const Index cols = net.cols;
  Index column = offset % cols;
  std::uint32_t words[most_fractions];
  for (Index at = 0; at < size;) {
    const Index group = (offset + at) / most_fractions, lo = (offset + at) % most_fractions;
    const Index count = std::min(most_fractions - lo, size - at);
    draw_plane(shifts, static_cast<std::uint64_t>(group), shift_plane, words);
    for (Index i = lo; i < lo + count;) {
      const Index run = std::min(lo + count - i, cols - column);
      const std::uint32_t* point = net.fractions + column;
      for (Index l = 0; l < run; ++l) words[i + l] ^= point[l];
      i += run;
      column = column + run == cols ? 0 : column + run;
    }
    visit(words + lo, at, count);
    at += count;
  }
}

}  // namespace
}  // namespace hessopt::kernels
