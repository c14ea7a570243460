// Cutting rows into blocks by shape alone, and handing a block over in one layout.
//
// Because the cut never depends on the number of threads, and partial sums are added in the order
// of the blocks, every result is the same bit for bit on any machine with the same instruction set.
#pragma once

#include <algorithm>

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

struct Cut {
  Index total;
  Index step;

  Index count() const { return (total + step - 1) / step; }
  Index begin(Index i) const { return i * step; }
  Index size(Index i) const { return std::min(step, total - begin(i)); }
};

// Rows a block may have so that 256 KiB of doubles, a share of any L2 cache of today, hold it.
inline Index rows_per_block(Index cols) {
  return std::clamp<Index>(32768 / std::max<Index>(cols, 1), 128, 1024);
}

template <Real T>
using RowBlock = Eigen::Map<const RowMatrixOf<T>, 0, Eigen::OuterStride<>>;

template <Real T>
RowBlock<T> block_of(const RowMatrixOf<T>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.cols())};
}

// Copies rows begin .. begin + count into `out` (count x cols, row-major), tile by tile so that
// both sides touch whole cache lines also where the source is in Fortran order.
template <Real To, Real From>
void pack_rows(const MatrixView<From>& from, Index begin, Index count, To* out) {
  constexpr Index tile = 16;
  for (Index i0 = 0; i0 < count; i0 += tile)
    for (Index j0 = 0; j0 < from.cols; j0 += tile) {
      const Index i1 = std::min(i0 + tile, count), j1 = std::min(j0 + tile, from.cols);
      for (Index i = i0; i < i1; ++i)
        for (Index j = j0; j < j1; ++j)
          out[i * from.cols + j] = static_cast<To>(from(begin + i, j));
    }
}

// The rows themselves where they can be streamed, else a packed copy of this block in `buffer`.
template <Real To, Real From>
RowBlock<To> row_block(const MatrixView<From>& from, Index begin, Index count,
                       RowMatrixOf<To>& buffer) {
  if constexpr (std::same_as<To, From>) {
    if (from.rows_are_contiguous())
      return {from.data + begin * from.row_stride, count, from.cols,
              Eigen::OuterStride<>(from.row_stride)};
  }
  buffer.resize(std::max(buffer.rows(), count), from.cols);
  pack_rows(from, begin, count, buffer.data());
  return {buffer.data(), count, from.cols, Eigen::OuterStride<>(from.cols)};
}

}  // namespace hessopt
