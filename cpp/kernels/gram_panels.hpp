// Slices of rows in panels a few columns wide, a row of a panel beside the next.
#pragma once

#include <algorithm>

#include "hessopt/kernels/gram.hpp"
#include "pack_rows.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
struct GramShape {
  static constexpr Index width = std::max<Index>(lanes<T>, 4);  // of a panel
  // Of a tile: as many sums as the registers hold beside their operands.
  static constexpr Index cols = std::min<Index>(width, EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS / 4);
  static constexpr Index panels = lanes<T> >= 4 ? 3 : 1;
  static constexpr Index tall = 8 * panels;  // panels of A that stay in L2 while B passes by
};

// The rows of a slice, each times its scale, in panels; what is beyond the last column is 0.
template <Real T>
class GramPanels {
  using Shape = GramShape<T>;

 public:
  // In memory for size(rows, cols) numbers.
  GramPanels(T* data, Index rows, Index cols) : data_(data), rows_(rows), cols_(cols) {}
  static Index size(Index rows, Index cols) { return count(cols) * pitch(rows); }
  static Index count(Index cols) { return (cols + Shape::width - 1) / Shape::width; }

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index count() const { return count(cols_); }
  Index whole() const { return cols_ / Shape::width; }
  // From one panel to the next: an odd number of lines, or all would meet in one set of the cache.
  Index pitch() const { return pitch(rows_); }
  const T* panel(Index k) const { return data_ + k * pitch(); }

  // `room`: for a copy of rows that are not contiguous.
  template <Real From, class Scale>
  void pack(const StridedMatrix<From>& x, Scale&& scale, From* room) {
    pack(x, scale, room, 0, count());
  }
  // Panels first .. end alone, and their share of the room.
  template <Real From, class Scale>
  void pack(const StridedMatrix<From>& x, Scale&& scale, From* room, Index first, Index end) {
    const Index left = first * Shape::width, cols = std::min(end * Shape::width, cols_) - left;
    const StridedMatrix<From> part = x.middle_cols(left, cols);
    const Index whole = cols / Shape::width, rest = cols % Shape::width;
    T* const to = data_ + first * pitch();
    if constexpr (std::same_as<T, From> && Shape::width == lanes<T>)
      if (x.row_stride == 1) return pack_columns(part, scale, to);
    const StridedMatrix<From> from = in_rows(part, room + left * rows_);
    for (Index r = 0; r < rows_; ++r) {
      const From* row = from.data + r * from.row_stride;
      const T s = scale(r);
      T* out = to + r * Shape::width;
      for (Index k = 0; k < whole; ++k, row += Shape::width, out += pitch())
        for (Index l = 0; l < Shape::width; ++l) out[l] = s * static_cast<T>(row[l]);
      pack_rest(out, rest, [&](Index l) { return s * static_cast<T>(row[l]); });
    }
  }

 private:
  static Index pitch(Index rows) { return (rows | 1) * Shape::width; }
  // Squares of a matrix in Fortran order are turned on their way.
  template <class Scale>
  void pack_columns(const StridedMatrix<T>& x, Scale&& scale, T* to) const {
    constexpr Index side = lanes<T>;
    const Index whole_rows = rows_ / side * side, whole = x.cols / side;
    for (Index k = 0; k < whole; ++k) {
      const T* from = &x(0, k * side);
      T* out = to + k * pitch();
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
    T* out = to + whole * pitch();
    for (Index r = 0; r < rows_; ++r)
      pack_rest(out + r * side, x.cols - whole * side,
                [&](Index l) { return scale(r) * x(r, whole * side + l); });
  }
  // A row of the panel that the last `rest` columns share with zeros; value(l) for each of these.
  template <class Value>
  static void pack_rest(T* out, Index rest, Value&& value) {
    if (rest == 0) return;
    for (Index l = 0; l < rest; ++l) out[l] = value(l);
    for (Index l = rest; l < Shape::width; ++l) out[l] = 0;
  }

  T* data_;
  Index rows_, cols_;
};

}  // namespace
}  // namespace hessopt::kernels
