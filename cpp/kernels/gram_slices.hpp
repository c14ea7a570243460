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
    for (Index part = 0; part < parts(a_.cols()); ++part) {
      if (part > 0 && poll()) return Outcome::abandoned;
      add_part(part, fetch);
    }
    return Outcome::done;
  }

  // Entries of H of their own: some panels of B with the tall ones of A, after all of these the
  // next, so that they stay in L2; and the columns short of a panel.
  static Index parts(Index cols) {
    Index count = cols % Shape::width == 0 ? 0 : 1;
    for (Index top = 0, whole = cols / Shape::width; top < whole; top += Shape::tall)
      count += groups(std::min(whole, top + Shape::tall));
    return count;
  }
  void add_part(Index part, Fetch& fetch) {
    const Index whole = a_.whole();
    for (Index top = 0; top < whole; top += Shape::tall) {
      const Index bottom = std::min(whole, top + Shape::tall);
      if (part < groups(bottom)) {
        for (Index j = part * group; j < std::min(bottom, (part + 1) * group); ++j)
          add_panel(top, bottom, j, fetch);
        return;
      }
      part -= groups(bottom);
    }
    // Columns short of a panel are cheaper as B's, from which they are read one by one: they give
    // rows of H then.
    for (Index i = 0; i < a_.count(); i += Shape::panels)
      for_tiles(a_, b_, i, std::min(a_.count(), i + Shape::panels), whole, fetch,
                [this](auto&&... tile) { add_transposed_tile(tile...); });
  }

 private:
  static constexpr Index group = Shape::panels;  // panels of B
  static Index groups(Index panels) { return (panels + group - 1) / group; }

  // Panel j of B with panels top .. bottom of A, on and below the diagonal.
  void add_panel(Index top, Index bottom, Index j, Fetch& fetch) {
    for (Index i = top; i < bottom; i += Shape::panels) {
      const Index end = std::min(bottom, i + Shape::panels);
      if (end <= j) continue;
      const Index first = std::max(i, j);
      expect_tile(first, end, j);
      for_tiles(a_, b_, first, end, j, fetch, [this](auto&&... tile) { add_tile(tile...); });
    }
  }
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

// A slice of at most `gram_slice` rows on its way to X'diag(w)X, in memory for gram_scratch.
template <Real T, Real From>
class GramSlice {
  using Shape = GramShape<T>;

 public:
  GramSlice(Index rows, Index cols, const double* w, void* scratch)
      : GramSlice(rows, cols, w, Room(scratch)) {}

  void pack(const StridedMatrix<From>& x, Index first, Index end) {
    T scale[gram_slice];
    for (Index r = 0; r < x.rows; ++r) {
      const T weight = static_cast<T>(w_[r]);
      scale[r] = rooted_ ? std::sqrt(weight) : weight;
    }
    left_.pack(x, [&](Index r) { return scale[r]; }, packed_, first, end);
    if (!rooted_) right_.pack(x, [](Index) { return T(1); }, packed_, first, end);
  }
  void pack(const StridedMatrix<From>& x) { pack(x, 0, left_.count()); }
  LowerProduct<T> product(double* h, Index ld) const {
    return {left_, rooted_ ? left_ : right_, h, ld};
  }

 private:
  GramSlice(Index rows, Index cols, const double* w, Room room)
      : w_(w),
        left_(room.take<T>(GramPanels<T>::size(rows, cols)), rows, cols),
        right_(room.take<T>(GramPanels<T>::size(rows, cols)), rows, cols),
        packed_(room.take<From>(rows * cols)) {
    for (Index r = 0; r < rows; ++r) rooted_ = rooted_ && !(static_cast<T>(w[r]) < 0);
  }

  const double* w_;
  bool rooted_ = true;  // roots of the weights make one set of panels serve both sides
  GramPanels<T> left_, right_;
  From* packed_;
};

template <Real T, Real From>
Outcome add_gram(const StridedMatrix<From>& x, const double* w, void* scratch, double* h, Index ld,
                 Poll poll) noexcept {
  for (Index begin = 0; begin < x.rows; begin += gram_slice, w += gram_slice) {
    if (begin > 0 && poll()) return Outcome::abandoned;
    const auto rows = x.middle_rows(begin, std::min(gram_slice, x.rows - begin));
    GramSlice<T, From> slice(rows.rows, x.cols, w, scratch);
    slice.pack(rows);
    const Fetch next(rows, LowerProduct<T>::tiles(GramPanels<T>::count(x.cols)));
    const Outcome outcome = slice.product(h, ld).add(next, poll);
    if (outcome != Outcome::done) return outcome;
  }
  return Outcome::done;
}

template <Real T>
constexpr Index panels_of_a_pack = 128 / GramShape<T>::width;

template <Real T>
Index gram_packs(Index cols) noexcept {
  return (GramPanels<T>::count(cols) + panels_of_a_pack<T> - 1) / panels_of_a_pack<T>;
}
template <Real T, Real From>
void gram_pack(const StridedMatrix<From>& x, const double* w, void* scratch, Index part) noexcept {
  constexpr Index step = panels_of_a_pack<T>;
  GramSlice<T, From>(x.rows, x.cols, w, scratch)
      .pack(x, part * step, std::min((part + 1) * step, GramPanels<T>::count(x.cols)));
}
template <Real T>
Index gram_sums(Index cols) noexcept {
  return LowerProduct<T>::parts(cols);
}
template <Real T, Real From>
void add_gram_sums(Index rows, Index cols, const double* w, const void* scratch, Index part,
                   double* h, Index ld) noexcept {
  const GramSlice<T, From> slice(rows, cols, w, const_cast<void*>(scratch));
  Fetch nothing;
  slice.product(h, ld).add_part(part, nothing);
}

template <Real T>
Index product_scratch(Index rows, Index cols_of_a, Index cols_of_b) noexcept {
  return gram_bytes<T, T>(rows, cols_of_a, cols_of_b);
}

template <Real T>
Outcome add_product(const StridedMatrix<T>& a, const double* w, const StridedMatrix<T>& b,
                    void* scratch, double* c, Index ld, Poll poll) noexcept {
  using Shape = GramShape<T>;
  for (Index begin = 0; begin < a.rows; begin += gram_slice, w += gram_slice) {
    const Index rows = std::min(gram_slice, a.rows - begin);
    Room room(scratch);
    GramPanels<T> left(room.take<T>(GramPanels<T>::size(rows, a.cols)), rows, a.cols);
    GramPanels<T> right(room.take<T>(GramPanels<T>::size(rows, b.cols)), rows, b.cols);
    T* packed = room.take<T>(rows * std::max(a.cols, b.cols));
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
