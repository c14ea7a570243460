// Gram matrices and products of slices: X'diag(w)X in double beside sums in registers of a slice
// each.
#pragma once

#include <cmath>

#include "gram_tiles.hpp"
#include "room.hpp"

namespace hessopt::kernels {
namespace {

// lower(H) += A'B, symmetric by what the caller puts in.
template <Real T>
class LowerProduct {
  using Shape = GramShape<T>;

 public:
  LowerProduct(const GramPanels<T>& a, const GramPanels<T>& b, double* h, Index ld)
      : a_(a), b_(b), h_(h), ld_(ld) {}

  // About how many tiles a slice has.
  static Index tiles(Index panels) {
    const Index split = Shape::width / Shape::cols;
    return std::max<Index>(1, split * panels * (panels + 1) / (2 * Shape::panels));
  }
  Outcome add(Fetch fetch, Poll poll) {
    const Index whole = a_.whole();
    for (Index top = 0; top < whole; top += Shape::tall) {
      if (top > 0 && poll()) return Outcome::abandoned;
      const Index bottom = std::min(whole, top + Shape::tall);
      for (Index j = 0; j < bottom; ++j)
        for (Index i = top; i < bottom; i += Shape::panels) {
          const Index end = std::min(bottom, i + Shape::panels);
          if (end <= j) continue;
          const Index first = std::max(i, j);
          expect_tile(first, end, j);
          for_tiles(a_, b_, first, end, j, fetch, [this](auto&&... tile) { add_tile(tile...); });
        }
    }
    // Columns short of a panel are cheaper as B's, from which they are read one by one: they give
    // rows of H then.
    if (whole < a_.count())
      for (Index i = 0; i < a_.count(); i += Shape::panels)
        for_tiles(a_, b_, i, std::min(a_.count(), i + Shape::panels), whole, fetch,
                  [this](auto&&... tile) { add_transposed_tile(tile...); });
    return Outcome::done;
  }

 private:
  double* at(Index row, Index col) const { return h_ + row + col * ld_; }
  // H may be larger than the caches: its part is fetched while its sums are made.
  void expect_tile(Index first, Index end, Index j) const {
    constexpr Index line = cache_line / sizeof(double);
    for (Index c = j * Shape::width; c < (j + 1) * Shape::width; ++c)
      for (Index r = first * Shape::width; r < end * Shape::width; r += line)
        prefetch_to_change(at(r, c));
  }
  void add_tile(const T* tile, Index top, Index height, Index left, Index cols) {
    constexpr Index full = Shape::panels * Shape::width;
    for (Index q = 0; q < cols; ++q, tile += height) {
      double* column = at(0, left + q);
      if (height == full && left + q <= top) {
        for (Index r = 0; r < full; ++r) column[top + r] += static_cast<double>(tile[r]);
        continue;
      }
      for (Index r = std::max<Index>(0, left + q - top); r < height; ++r)
        column[top + r] += static_cast<double>(tile[r]);
    }
  }
  void add_transposed_tile(const T* tile, Index top, Index height, Index left, Index cols) {
    for (Index q = 0; q < cols; ++q, tile += height)
      for (Index r = 0, size = std::min(height, left + q + 1 - top); r < size; ++r)
        *at(left + q, top + r) += static_cast<double>(tile[r]);
  }

  const GramPanels<T>& a_;
  const GramPanels<T>& b_;
  double* h_;
  Index ld_;
};

// Of X'WX and of A'WB: two sets of panels, and rows on their way there.
template <Real T, Real From>
Index gram_bytes(Index rows, Index cols_of_a, Index cols_of_b) {
  const Index slice = std::min(rows, gram_slice), most = std::max(cols_of_a, cols_of_b);
  return Room::bytes<T>(GramPanels<T>::size(slice, cols_of_a)) +
         Room::bytes<T>(GramPanels<T>::size(slice, cols_of_b)) + Room::bytes<From>(slice * most);
}

template <Real T, Real From>
Index gram_scratch(Index rows, Index cols) noexcept {
  return gram_bytes<T, From>(rows, cols, cols);
}

template <Real T, Real From>
Outcome add_gram(const StridedMatrix<From>& x, const double* w, void* scratch, double* h, Index ld,
                 Poll poll) noexcept {
  const Index most = std::min(x.rows, gram_slice);
  Room room(scratch);
  GramPanels<T> left(room.take<T>(GramPanels<T>::size(most, x.cols)));
  GramPanels<T> right(room.take<T>(GramPanels<T>::size(most, x.cols)));
  From* packed = room.take<From>(most * x.cols);
  for (Index begin = 0; begin < x.rows; begin += gram_slice, w += gram_slice) {
    if (begin > 0 && poll()) return Outcome::abandoned;
    const Index rows = std::min(gram_slice, x.rows - begin);
    const auto slice = x.middle_rows(begin, rows);
    T scale[gram_slice];
    T least = 0;
    for (Index r = 0; r < rows; ++r) {
      scale[r] = static_cast<T>(w[r]);
      least = std::min(least, scale[r]);
    }
    // Roots of the weights make one set of panels serve both sides.
    const bool rooted = least >= 0;
    if (rooted)
      for (Index r = 0; r < rows; ++r) scale[r] = std::sqrt(scale[r]);
    left.pack(slice, [&](Index r) { return scale[r]; }, packed);
    if (!rooted) right.pack(slice, [](Index) { return T(1); }, packed);
    const Fetch next(slice, LowerProduct<T>::tiles(left.count()));
    const Outcome outcome = LowerProduct<T>(left, rooted ? left : right, h, ld).add(next, poll);
    if (outcome != Outcome::done) return outcome;
  }
  return Outcome::done;
}

template <Real T>
Index product_scratch(Index rows, Index cols_of_a, Index cols_of_b) noexcept {
  return gram_bytes<T, T>(rows, cols_of_a, cols_of_b);
}

template <Real T>
Outcome add_product(const StridedMatrix<T>& a, const double* w, const StridedMatrix<T>& b,
                    void* scratch, double* c, Index ld, Poll poll) noexcept {
  using Shape = GramShape<T>;
  const Index most = std::min(a.rows, gram_slice);
  Room room(scratch);
  GramPanels<T> left(room.take<T>(GramPanels<T>::size(most, a.cols)));
  GramPanels<T> right(room.take<T>(GramPanels<T>::size(most, b.cols)));
  T* packed = room.take<T>(most * std::max(a.cols, b.cols));
  for (Index begin = 0; begin < a.rows; begin += gram_slice, w += gram_slice) {
    const Index rows = std::min(gram_slice, a.rows - begin);
    left.pack(a.middle_rows(begin, rows), [&](Index r) { return static_cast<T>(w[r]); }, packed);
    right.pack(b.middle_rows(begin, rows), [](Index) { return T(1); }, packed);
    Fetch nothing;
    for (Index i = 0; i < left.count(); i += Shape::panels) {
      if (begin + i > 0 && poll()) return Outcome::abandoned;
      for (Index j = 0; j < right.count(); ++j)
        for_tiles(left, right, i, std::min(left.count(), i + Shape::panels), j, nothing,
                  [&](const T* tile, Index top, Index height, Index from, Index cols) {
                    const Index size = std::min(height, a.cols - top);
                    for (Index q = 0; q < cols; ++q)
                      for (Index r = 0; r < size; ++r)
                        c[top + r + (from + q) * ld] += static_cast<double>(tile[q * height + r]);
                  });
    }
  }
  return Outcome::done;
}

}  // namespace
}  // namespace hessopt::kernels
