// Rows split into two bf16 each, in the layout of tile units: v = hi + lo, hi = bf16(v),
// lo = bf16(v - hi), which keeps 16 bits of the mantissa.
//
// bf16 is the upper half of a float32: its range, and 8 bits of mantissa.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/packet.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt::detail {

// Two bf16: in the low half that of an even row, in the high half that of the row after it.
using Word = std::uint32_t;

// To nearest, ties to even; too large becomes infinite, and NaN stays NaN. In the low half.
inline Word bf16(float v) {
  const Word bits = std::bit_cast<Word>(v);
  const Word rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return v == v ? rounded : (bits >> 16 | 0x40);
}
inline float low_half(Word w) { return std::bit_cast<float>(w << 16); }
inline float high_half(Word w) { return std::bit_cast<float>(w & 0xffff0000); }

struct TileShape {
  static constexpr Index side = 16;          // rows of a tile, and words of a row
  static constexpr Index words = 256;        // of a tile
  static constexpr Index rows = 2 * side;    // of V that a tile holds
  static constexpr Index step = 2 * words;   // a tile of hi, and that of lo after it
  static constexpr Index block = 2 * side;   // columns of V whose products are made at once
  static constexpr Index depth = 16 * rows;  // rows of a slice
};

// A slice of V in tiles, 16 columns after 16 columns, zeros beyond the last row and column; twice,
// as the two sides of a product want them:
//   right: word (k, c) is rows 2k and 2k + 1 of column c;  left: its transpose.
class SplitPanels : TileShape {
 public:
  Index cols() const { return cols_; }
  Index steps() const { return steps_; }
  // From one panel of 16 columns to the next: an odd number of lines, as in Panels.
  Index pitch() const { return steps_ * step + side; }
  const Word* left(Index panel) const { return left_.data() + panel * pitch(); }
  const Word* right(Index panel) const { return right_.data() + panel * pitch(); }

  template <Real From>
  void pack(const MatrixView<From>& x, const float* scale) {
    thread_local RowMatrixOf<From> buffer;
    const RowBlock<From> rows_of_x = row_block<From>(x, 0, x.rows, buffer);
    cols_ = x.cols;
    steps_ = (x.rows + rows - 1) / rows;
    const Index panels = (cols_ + block - 1) / block * 2;
    if (left_.size() < panels * pitch()) {
      left_.resize(panels * pitch());
      right_.resize(panels * pitch());
    }
    for (Index p = 0; p < panels; ++p)
      for (Index s = 0; s < steps_; ++s) {
        const Index at = p * pitch() + s * step;
        Word *r = right_.data() + at, *l = left_.data() + at;
        for (Index k = 0; k < side; ++k) {
          float even[side], odd[side];
          read(rows_of_x, scale, s * rows + 2 * k, p * side, even);
          read(rows_of_x, scale, s * rows + 2 * k + 1, p * side, odd);
          split(even, odd, r + k * side, r + words + k * side);
        }
        transpose(r, l);
        transpose(r + words, l + words);
      }
  }

 private:
  template <Real From>
  static void read(const RowBlock<From>& x, const float* scale, Index row, Index col, float* out) {
    const Index count = row < x.rows() ? std::min(side, x.cols() - col) : 0;
    const From* from = x.data() + row * x.outerStride() + col;
    if (count == side) {
      for (Index c = 0; c < side; ++c) out[c] = scale[row] * static_cast<float>(from[c]);
      return;
    }
    for (Index c = 0; c < side; ++c)
      out[c] = c < count ? scale[row] * static_cast<float>(from[c]) : 0;
  }
  static void split(const float* even, const float* odd, Word* hi, Word* lo) {
    for (Index c = 0; c < side; ++c) hi[c] = bf16(even[c]) | bf16(odd[c]) << 16;
    for (Index c = 0; c < side; ++c)
      lo[c] = bf16(even[c] - low_half(hi[c])) | bf16(odd[c] - high_half(hi[c])) << 16;
  }
  static void transpose(const Word* from, Word* to) {
    constexpr Index n = std::min(lanes<float>, side);
    static_assert(n == lanes<float>, "a packet is no longer than a row of a tile");
    for (Index i = 0; i < side; i += n)
      for (Index j = 0; j < side; j += n) {
        PacketSquare<float> square;
        for (Index k = 0; k < n; ++k)
          std::memcpy(&square.packet[k], from + (i + k) * side + j, n * sizeof(Word));
        Eigen::internal::ptranspose(square);
        for (Index k = 0; k < n; ++k)
          std::memcpy(to + (j + k) * side + i, &square.packet[k], n * sizeof(Word));
      }
  }

  Eigen::Matrix<Word, Eigen::Dynamic, 1> left_, right_;
  Index cols_ = 0, steps_ = 0;
};

}  // namespace hessopt::detail
