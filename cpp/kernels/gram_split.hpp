// X'diag(w)X on the tile units of x86-64 (AMX), from numbers split in two.
//
// The rows v = sqrt(w) x are taken as u = hi + lo, their first 16 bits of mantissa, and
//   U'U = hi'hi + hi'lo + lo'lo + lo'hi
// in products of bf16: each entry to 2^-16 of sum |v_j v_k|, and what sums in float32 over one
// slice of rows add; slices are added in float64. lo'lo is within that, and yet not left out: a
// true Gram matrix is semidefinite, and without it the pivots of a singular one came out at -5e-6,
// once -8e-5, of their diagonal entry instead of 1e-6 and less, as in float32. What float32 could
// not hold comes out not finite here too.
#pragma once

#include <algorithm>
#include <cmath>

#include "gram_slices.hpp"
#include "split_tiles.hpp"

namespace hessopt::kernels {
namespace {

// lower(H) += V'V
template <class Units>
Outcome add_split_product(const SplitPanels& v, double* h, Index ld, Poll poll) {
  constexpr Index side = SplitShape::block;
  alignas(64) float sums[side * side];
  for (Index left = 0; left < v.cols(); left += side) {
    if (left > 0 && poll()) return Outcome::abandoned;
    const Index width = std::min(side, v.cols() - left);
    for (Index top = left; top < v.cols(); top += side) {
      const Index height = std::min(side, v.cols() - top);
      for (Index c = 0; c < width; ++c)  // H may be larger than the caches
        for (Index r = 0; r < height; r += 8) prefetch_to_change(h + top + r + (left + c) * ld);
      Units::multiply(v.left(left / SplitShape::side), v.right(top / SplitShape::side), v.pitch(),
                      v.steps(), sums);
      for (Index c = 0; c < width; ++c) {
        double* column = h + top + (left + c) * ld;
        for (Index r = top == left ? c : 0; r < height; ++r)
          column[r] += static_cast<double>(sums[side * c + r]);
      }
    }
  }
  return Outcome::done;
}

template <Real From>
Index split_scratch(Index rows, Index cols) noexcept {
  const Index slice = std::min(rows, SplitShape::depth);
  return 2 * Room::bytes<Pair>(SplitPanels::size(slice, cols)) + Room::bytes<From>(slice * cols) +
         gram_scratch<float, From>(slice, cols);
}

// lower(H) += X'diag(w)X. A slice with a negative weight has no root, and is float32's.
template <class Units, Real From>
Outcome add_split_gram(const StridedMatrix<From>& x, const double* w, void* scratch, double* h,
                       Index ld, Poll poll) {
  const Index most = std::min(x.rows, SplitShape::depth);
  Room room(scratch);
  Pair* left = room.take<Pair>(SplitPanels::size(most, x.cols));
  SplitPanels panels(left, room.take<Pair>(SplitPanels::size(most, x.cols)));
  From* packed = room.take<From>(most * x.cols);
  void* of_float = room.take<char>(0);
  [[maybe_unused]] const typename Units::Session session;
  for (Index begin = 0; begin < x.rows; begin += SplitShape::depth, w += SplitShape::depth) {
    if (begin > 0 && poll()) return Outcome::abandoned;
    const Index rows = std::min(SplitShape::depth, x.rows - begin);
    const auto slice = x.middle_rows(begin, rows);
    float scale[SplitShape::depth];
    bool rooted = true;
    for (Index r = 0; r < rows; ++r) {
      const auto weight = static_cast<float>(w[r]);
      rooted = rooted && !(weight < 0);
      scale[r] = std::sqrt(weight);
    }
    Outcome outcome;
    if (rooted) {
      panels.pack(slice, scale, packed);
      outcome = add_split_product<Units>(panels, h, ld, poll);
    } else {
      outcome = add_gram<float>(slice, w, of_float, h, ld, poll);
    }
    if (outcome != Outcome::done) return outcome;
  }
  return Outcome::done;
}

template <Real From>
Outcome add_split_gram(const StridedMatrix<From>& x, const double* w, Tiles tiles, void* scratch,
                       double* h, Index ld, Poll poll) noexcept {
  return tiles == Tiles::amx ? add_split_gram<AmxTiles>(x, w, scratch, h, ld, poll)
                             : add_split_gram<PortableTiles>(x, w, scratch, h, ld, poll);
}

}  // namespace
}  // namespace hessopt::kernels
