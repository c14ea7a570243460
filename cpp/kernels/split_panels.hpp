// Rows split into two bf16 each, in the layout of tile units: v = hi + lo, hi = bf16(v),
// lo = bf16(v - hi), which keeps 16 bits of the mantissa.
//
// bf16 is the upper half of a float32: its range, and 8 bits of mantissa.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "pack_rows.hpp"

namespace hessopt::kernels {
namespace {

using Bits = std::uint32_t;

// To nearest, ties to even; too large becomes infinite, and NaN stays NaN. In the low half.
inline Bits bf16(float v) {
  const Bits bits = std::bit_cast<Bits>(v);
  const Bits rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return v == v ? rounded : (bits >> 16 | 0x40);
}
inline float from_bf16(Bits half) { return std::bit_cast<float>(half << 16); }

// Two bf16, as bits of a float because packets move these: in the low half that of an even row, in
// the high half that of the row after it.
using Pair = float;

inline float low_half(Pair p) { return from_bf16(std::bit_cast<Bits>(p)); }
inline float high_half(Pair p) { return from_bf16(std::bit_cast<Bits>(p) >> 16); }

struct SplitShape {
  static constexpr Index side = 16;          // rows of a tile, and pairs of a row
  static constexpr Index pairs = 256;        // of a tile
  static constexpr Index rows = 2 * side;    // of V that a tile holds
  static constexpr Index step = 2 * pairs;   // a tile of hi, and that of lo after it
  static constexpr Index block = 2 * side;   // columns of V whose products are made at once
  static constexpr Index depth = 16 * rows;  // rows of a slice
};

// A slice of V in tiles, 16 columns after 16 columns, zeros beyond the last row and column; twice,
// as the two sides of a product want them:
//   right: pair (k, c) is rows 2k and 2k + 1 of column c;  left: its transpose.
class SplitPanels : SplitShape {
 public:
  // In memory for size(rows, cols) pairs on each side.
  SplitPanels(Pair* left, Pair* right) : left_(left), right_(right) {}
  static Index size(Index rows, Index cols) { return panels(cols) * pitch_of(steps_of(rows)); }

  Index cols() const { return cols_; }
  Index steps() const { return steps_; }
  // From one panel of 16 columns to the next: an odd number of lines, as in GramPanels.
  Index pitch() const { return pitch_of(steps_); }
  const Pair* left(Index panel) const { return left_ + panel * pitch(); }
  const Pair* right(Index panel) const { return right_ + panel * pitch(); }

  // `room`: for a copy of rows that are not contiguous.
  template <Real From>
  void pack(const StridedMatrix<From>& x, const float* scale, From* room) {
    const StridedMatrix<From> rows_of_x = in_rows(x, room);
    cols_ = x.cols;
    steps_ = steps_of(x.rows);
    const auto scale_of = [&](Index row) { return row < x.rows ? scale[row] : 0; };
    for (Index p = 0; p < panels(cols_); ++p)
      for (Index s = 0; s < steps_; ++s) {
        const Index at = p * pitch() + s * step;
        Pair *r = right_ + at, *l = left_ + at;
        for (Index k = 0; k < side; ++k) {
          From even[side], odd[side];
          const Index row = s * rows + 2 * k, col = p * side;
          split(part_of_row(rows_of_x, row, col, even), scale_of(row),
                part_of_row(rows_of_x, row + 1, col, odd), scale_of(row + 1), r + k * side,
                r + pairs + k * side);
        }
        transpose(r, l);
        transpose(r + pairs, l + pairs);
      }
  }

 private:
  static Index panels(Index cols) { return (cols + block - 1) / block * 2; }
  static Index steps_of(Index rows_of_x) { return (rows_of_x + rows - 1) / rows; }
  static Index pitch_of(Index steps) { return steps * step + side; }

  // 16 numbers of a row, where they lie or, if it has not as many, filled up with zeros.
  template <Real From>
  static const From* part_of_row(const StridedMatrix<From>& x, Index row, Index col, From* buffer) {
    const From* from = x.data + row * x.row_stride + col;
    const Index count = row < x.rows ? std::min(side, x.cols - col) : 0;
    if (count == side) return from;
    for (Index c = 0; c < side; ++c) buffer[c] = c < count ? from[c] : 0;
    return buffer;
  }
  template <Real From>
  static void split(const From* even, float of_even, const From* odd, float of_odd, Pair* hi,
                    Pair* lo) {
    for (Index c = 0; c < side; ++c) {
      const float u = of_even * static_cast<float>(even[c]);
      const float v = of_odd * static_cast<float>(odd[c]);
      const Bits first = bf16(u), second = bf16(v);
      hi[c] = std::bit_cast<Pair>(first | second << 16);
      lo[c] = std::bit_cast<Pair>(bf16(u - from_bf16(first)) | bf16(v - from_bf16(second)) << 16);
    }
  }
  static void transpose(const Pair* from, Pair* to) {
    constexpr Index n = lanes<Pair>;
    static_assert(side % n == 0);
    for (Index i = 0; i < side; i += n)
      for (Index j = 0; j < side; j += n) {
        PacketSquare<Pair> square;
        for (Index k = 0; k < n; ++k) square.packet[k] = load(from + (i + k) * side + j);
        Eigen::internal::ptranspose(square);
        for (Index k = 0; k < n; ++k)
          Eigen::internal::pstoreu(to + (j + k) * side + i, square.packet[k]);
      }
  }

  Pair *left_, *right_;
  Index cols_ = 0, steps_ = 0;
};

}  // namespace
}  // namespace hessopt::kernels
