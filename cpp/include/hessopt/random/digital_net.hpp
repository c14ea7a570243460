// Points of a digital net (Sobol's) with a random shift for every element of a tensor.
//
// Sample k of element e, which lies in column j, is the 32-bit fraction points(k, j) ^ shift(e),
// where shift(e) is word e mod 64 of plane 2^31 + 1 of superblock e div 64 of stream 0: see
// Stream, in which masks have fewer planes. Each sample is uniform by itself, so means over samples
// are unbiased; the K samples of a row are a net together; rows are independent.
//
// J. Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998).
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "hessopt/random/stream.hpp"

namespace hessopt {

using NetPoints = RowMatrixOf<std::uint32_t>;  // a point a row

class DigitalNet {
 public:
  static constexpr Index most = superblock_words;  // elements that are visited at a time

  DigitalNet(std::shared_ptr<const NetPoints> points, std::uint64_t seed)
      : points_(std::move(points)), shifts_{seed, 0} {}

  // visit(words, at, count): the fractions of elements offset + at .. + count of sample k.
  template <class Visit>
  void for_each(Index k, Index offset, Index size, Visit&& visit) const {
    const Index cols = points_->cols();
    Index column = offset % cols;
    std::uint32_t words[most];
    for (Index at = 0; at < size;) {
      const Index group = (offset + at) / most, lo = (offset + at) % most;
      const Index count = std::min(most - lo, size - at);
      shifts_.plane(static_cast<std::uint64_t>(group), shift_plane, words);
      for (Index i = lo; i < lo + count;) {
        const Index run = std::min(lo + count - i, cols - column);
        const std::uint32_t* point = &(*points_)(k, column);
        for (Index l = 0; l < run; ++l) words[i + l] ^= point[l];
        i += run;
        column = column + run == cols ? 0 : column + run;
      }
      visit(words + lo, at, count);
      at += count;
    }
  }

 private:
  static constexpr std::uint32_t shift_plane = (1u << 31) + 1;

  std::shared_ptr<const NetPoints> points_;
  Stream shifts_;
};

}  // namespace hessopt
