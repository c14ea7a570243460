// A'B in registers, for tall blocks of rows.
//
// BLAS cuts such a product for large squares; here it is tall and the square may be small. Slices
// of rows are packed into panels a few columns wide, a row of a panel beside the next: a tile of
// the square is then the sum over rows of (packets of A) x (numbers of B), with every operand read
// in order. K. Goto, R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
// TOMS 34 (2008).
#pragma once

#include "gram_panels.hpp"
#include "prefetch.hpp"

namespace hessopt::kernels {
namespace {

// Stretches of memory that will be read soon, side by side at a distance: a hint for each row of a
// tile goes round them, and a step further after each round.
struct Ahead {
  const char* at = nullptr;
  Index distance = 0, back = 0, count = 1;
};

// Brings the rows after a slice nearer while the slice is worked on, some stretches with each tile:
// packing alone would wait for memory, and memory for the tiles. Past the end of the data it is but
// a hint.
class Fetch {
 public:
  Fetch() = default;
  // `tiles`: how often `next` will be called.
  template <Real T>
  Fetch(const StridedMatrix<T>& slice, Index tiles) {
    constexpr Index item = sizeof(T);
    const bool by_column = slice.row_stride == 1 && slice.col_stride > 1;
    at_ = reinterpret_cast<const char*>(slice.data + slice.rows * slice.row_stride);
    distance_ = item * (by_column ? slice.col_stride : slice.row_stride);
    length_ = item * (by_column ? slice.rows : slice.cols);
    left_ = by_column ? slice.cols : slice.rows;
    if (length_ * left_ > most) left_ = 0;
    if (distance_ == length_) {  // one stretch, cut anew
      distance_ = length_ = (length_ * left_ + tiles - 1) / tiles;
      left_ = std::min(left_, tiles);
    }
    each_ = std::max<Index>(1, (left_ + tiles - 1) / tiles);
  }

  Ahead next(Index rows) {
    if (left_ <= 0) return {at_};
    const Index rounds = std::max<Index>(1, rows / each_), step = (length_ + rounds - 1) / rounds;
    const char* at = at_;
    at_ += each_ * distance_;
    left_ -= each_;
    return {at, distance_, step - each_ * distance_, each_};
  }

 private:
  static constexpr Index most = Index{1} << 18;  // bytes, that a second cache has room for
  const char* at_ = nullptr;
  Index distance_ = 0, length_ = 0, left_ = 0, each_ = 1;
};

// out = A'B for `N` panels of A and `Cols` columns of one of B; column-major.
template <Real T, Index N, Index Cols>
HESSOPT_NOINLINE void gram_tile(const T* a, const T* b, Index rows, Index pitch, Ahead ahead,
                                T* out) {
  using Shape = GramShape<T>;
  constexpr Index split = Shape::width / lanes<T>, packets = N * split;
  Packet<T> sums[Cols][packets];
  for (auto& column : sums)
    for (Packet<T>& s : column) s = broadcast(T(0));
  Index turn = ahead.count;
  for (Index r = 0; r < rows; ++r, a += Shape::width, b += Shape::width) {
    prefetch_to_l2(ahead.at);
    ahead.at += --turn == 0 ? ahead.distance + ahead.back : ahead.distance;
    turn = turn == 0 ? ahead.count : turn;
    Packet<T> left[packets];
    for (Index k = 0; k < packets; ++k) {
      left[k] = load(a + (k / split) * pitch + (k % split) * lanes<T>);
      keep_in_register(left[k]);
    }
    for (Index c = 0; c < Cols; ++c) {
      const Packet<T> right = broadcast(b[c]);
      for (Index k = 0; k < packets; ++k)
        sums[c][k] = Eigen::internal::pmadd(left[k], right, sums[c][k]);
    }
  }
  for (const auto& column : sums)
    for (const Packet<T>& s : column) {
      Eigen::internal::pstoreu(out, s);
      out += lanes<T>;
    }
}

template <Real T, Index N>
void gram_tile(Index cols, const T* a, const T* b, Index rows, Index pitch, Ahead ahead, T* out) {
  constexpr Index most = GramShape<T>::cols;
  if (cols == 1) return gram_tile<T, N, 1>(a, b, rows, pitch, ahead, out);
  if (cols == 2) return gram_tile<T, N, 2>(a, b, rows, pitch, ahead, out);
  if (cols <= 4) return gram_tile<T, N, 4>(a, b, rows, pitch, ahead, out);
  gram_tile<T, N, most>(a, b, rows, pitch, ahead, out);
}

// `call(tile, top, height, left, width)` for tiles of A'B that hold panels first .. end of A and
// panel j of B: sums column by column for rows top .. top + height, those beyond the last being 0.
template <Real T, class Call>
void for_tiles(const GramPanels<T>& a, const GramPanels<T>& b, Index first, Index end, Index j,
               Fetch& fetch, Call&& call) {
  using Shape = GramShape<T>;
  T tile[Shape::panels * Shape::width * Shape::cols];
  for (Index c = 0; c < Shape::width; c += Shape::cols) {
    const Index left = j * Shape::width + c, cols = std::min(Shape::cols, b.cols() - left);
    if (cols <= 0) return;
    const T *from = a.panel(first), *with = b.panel(j) + c;
    const Ahead ahead = fetch.next(a.rows());
    switch (end - first) {
      case 1:
        gram_tile<T, 1>(cols, from, with, a.rows(), a.pitch(), ahead, tile);
        break;
      case 2:
        gram_tile<T, 2>(cols, from, with, a.rows(), a.pitch(), ahead, tile);
        break;
      default:
        gram_tile<T, Shape::panels>(cols, from, with, a.rows(), a.pitch(), ahead, tile);
    }
    call(tile, first * Shape::width, (end - first) * Shape::width, left, cols);
  }
}

}  // namespace
}  // namespace hessopt::kernels
