// A'B in registers, for tall blocks of rows.
//
// BLAS cuts such a product for large squares; here it is tall and the square may be small. Slices
// of rows are packed into panels a few columns wide, a row of a panel beside the next: a tile of
// the square is then the sum over rows of (packets of A) x (numbers of B), with every operand read
// in order. K. Goto, R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM
// TOMS 34 (2008).
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/packet.hpp"
#include "hessopt/core/prefetch.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt::detail {

template <Real T>
struct GramShape {
  static constexpr Index width = std::max<Index>(lanes<T>, 4);  // of a panel
  // Of a tile: as many sums as the registers hold beside their operands.
  static constexpr Index cols = std::min<Index>(width, EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS / 4);
  static constexpr Index panels = lanes<T> >= 4 ? 3 : 1;
  static constexpr Index depth = 384;        // rows of a slice
  static constexpr Index tall = 8 * panels;  // panels of A that stay in L2 while B passes by
};

// The rows of a slice, each times its scale, in panels; what is beyond the last column is 0.
template <Real T>
class Panels {
  using Shape = GramShape<T>;

 public:
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index count() const { return (cols_ + Shape::width - 1) / Shape::width; }
  Index whole() const { return cols_ / Shape::width; }
  // From one panel to the next: an odd number of lines, or all would meet in one set of the cache.
  Index pitch() const { return (rows_ | 1) * Shape::width; }
  const T* panel(Index k) const { return data_.data() + k * pitch(); }

  template <Real From, class Scale>
  void pack(const MatrixView<From>& x, Scale&& scale) {
    rows_ = x.rows;
    cols_ = x.cols;
    if (data_.size() < count() * pitch()) data_.resize(count() * pitch());
    if constexpr (std::same_as<T, From> && Shape::width == lanes<T>)
      if (x.row_stride == 1) return pack_columns(x, scale);
    thread_local RowMatrixOf<From> buffer;
    const RowBlock<From> from = row_block<From>(x, 0, rows_, buffer);
    for (Index r = 0; r < rows_; ++r) {
      const From* row = from.data() + r * from.outerStride();
      const T s = scale(r);
      T* out = data_.data() + r * Shape::width;
      for (Index k = 0; k < whole(); ++k, row += Shape::width, out += pitch())
        for (Index l = 0; l < Shape::width; ++l) out[l] = s * static_cast<T>(row[l]);
      pack_rest(out, [&](Index l) { return s * static_cast<T>(row[l]); });
    }
  }

 private:
  // Squares of a matrix in Fortran order are turned on their way.
  template <class Scale>
  void pack_columns(const MatrixView<T>& x, Scale&& scale) {
    constexpr Index side = lanes<T>;
    const Index whole_rows = rows_ / side * side;
    for (Index k = 0; k < whole(); ++k) {
      const T* from = &x(0, k * side);
      T* out = data_.data() + k * pitch();
      for (Index r = 0; r < whole_rows; r += side, out += side * side) {
        PacketSquare<T> square;
        for (Index l = 0; l < side; ++l) square.packet[l] = load(from + r + l * x.col_stride);
        Eigen::internal::ptranspose(square);
        for (Index l = 0; l < side; ++l)
          Eigen::internal::pstoreu(
              out + l * side, Eigen::internal::pmul(square.packet[l], broadcast<T>(scale(r + l))));
      }
      for (Index r = whole_rows; r < rows_; ++r, out += side)
        for (Index l = 0; l < side; ++l) out[l] = scale(r) * from[r + l * x.col_stride];
    }
    T* out = data_.data() + whole() * pitch();
    for (Index r = 0; r < rows_; ++r)
      pack_rest(out + r * Shape::width,
                [&](Index l) { return scale(r) * x(r, whole() * Shape::width + l); });
  }
  // A row of the panel that the last columns share with zeros; value(l) for each of these.
  template <class Value>
  void pack_rest(T* out, Value&& value) const {
    const Index rest = cols_ - whole() * Shape::width;
    if (rest == 0) return;
    for (Index l = 0; l < rest; ++l) out[l] = value(l);
    for (Index l = rest; l < Shape::width; ++l) out[l] = 0;
  }

  VectorOf<T> data_;  // aligned to whole packets
  Index rows_ = 0, cols_ = 0;
};

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
  Fetch(const MatrixView<T>& slice, Index tiles) {
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
HESSOPT_NOINLINE inline void gram_tile(const T* a, const T* b, Index rows, Index pitch, Ahead ahead,
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
void for_tiles(const Panels<T>& a, const Panels<T>& b, Index first, Index end, Index j,
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

// lower(H) += A'B, symmetric by what the caller puts in.
template <Real T>
class LowerProduct {
  using Shape = GramShape<T>;

 public:
  LowerProduct(const Panels<T>& a, const Panels<T>& b, MatrixRef h) : a_(a), b_(b), h_(h) {}

  // About how many tiles a slice has.
  static Index tiles(Index panels) {
    const Index split = Shape::width / Shape::cols;
    return std::max<Index>(1, split * panels * (panels + 1) / (2 * Shape::panels));
  }
  void add(Fetch fetch) {
    const Index whole = a_.whole();
    for (Index top = 0; top < whole; top += Shape::tall) {
      if (top > 0) poll_interrupt();
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
  }

 private:
  // H may be larger than the caches: its part is fetched while its sums are made.
  void expect_tile(Index first, Index end, Index j) const {
    constexpr Index line = cache_line / sizeof(double);
    for (Index c = j * Shape::width; c < (j + 1) * Shape::width; ++c)
      for (Index r = first * Shape::width; r < end * Shape::width; r += line)
        prefetch_to_change(&h_(r, c));
  }
  void add_tile(const T* tile, Index top, Index height, Index left, Index cols) {
    constexpr Index full = Shape::panels * Shape::width;
    for (Index q = 0; q < cols; ++q, tile += height) {
      double* column = &h_(0, left + q);
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
        h_(left + q, top + r) += static_cast<double>(tile[r]);
  }

  const Panels<T>& a_;
  const Panels<T>& b_;
  MatrixRef h_;
};

// lower(H) += X'diag(w)X in arithmetic of T, w(row) of any sign.
template <Real T, Real From, class Weight>
void add_weighted_gram(const MatrixView<From>& x, Weight&& w, MatrixRef h) {
  thread_local Panels<T> left, right;
  const Cut slices{x.rows, GramShape<T>::depth};
  for (Index s = 0; s < slices.count(); ++s) {
    const Index begin = slices.begin(s), rows = slices.size(s);
    const auto slice = x.middle_rows(begin, rows);
    T scale[GramShape<T>::depth];
    T least = 0;
    for (Index r = 0; r < rows; ++r) {
      scale[r] = static_cast<T>(w(begin + r));
      least = std::min(least, scale[r]);
    }
    // Roots of the weights make one set of panels serve both sides.
    const bool rooted = least >= 0;
    if (rooted)
      for (Index r = 0; r < rows; ++r) scale[r] = std::sqrt(scale[r]);
    left.pack(slice, [&](Index r) { return scale[r]; });
    if (!rooted) right.pack(slice, [](Index) { return T(1); });
    LowerProduct<T>(left, rooted ? left : right, h)
        .add(Fetch(slice, LowerProduct<T>::tiles(left.count())));
  }
}

// lower(H) += A'B for a sum that is symmetric by what the caller puts in.
template <Real T>
void add_gram(const MatrixView<T>& a, const MatrixView<T>& b, MatrixRef h) {
  thread_local Panels<T> left, right;
  const Cut slices{a.rows, GramShape<T>::depth};
  for (Index s = 0; s < slices.count(); ++s) {
    left.pack(a.middle_rows(slices.begin(s), slices.size(s)), [](Index) { return T(1); });
    right.pack(b.middle_rows(slices.begin(s), slices.size(s)), [](Index) { return T(1); });
    LowerProduct<T>(left, right, h).add({});
  }
}

// C += A'diag(w)B
template <Real T, Real From, class Weight>
void add_weighted_product(const MatrixView<From>& a, Weight&& w, const MatrixView<From>& b,
                          MatrixRef c) {
  using Shape = GramShape<T>;
  thread_local Panels<T> left, right;
  const Cut slices{a.rows, Shape::depth};
  for (Index s = 0; s < slices.count(); ++s) {
    const Index begin = slices.begin(s), rows = slices.size(s);
    left.pack(a.middle_rows(begin, rows), [&](Index r) { return static_cast<T>(w(begin + r)); });
    right.pack(b.middle_rows(begin, rows), [](Index) { return T(1); });
    Fetch nothing;
    for (Index i = 0; i < left.count(); i += Shape::panels) {
      if (i > 0) poll_interrupt();
      for (Index j = 0; j < right.count(); ++j)
        for_tiles(
            left, right, i, std::min(left.count(), i + Shape::panels), j, nothing,
            [&](const T* tile, Index top, Index height, Index from, Index cols) {
              const Index size = std::min(height, a.cols - top);
              for (Index q = 0; q < cols; ++q)
                c.col(from + q).segment(top, size) +=
                    Eigen::Map<const VectorOf<T>>(tile + q * height, size).template cast<double>();
            });
    }
  }
}

}  // namespace hessopt::detail
