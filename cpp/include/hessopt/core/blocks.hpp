// Cutting rows into blocks by shape alone, and handing a block over in one layout.
//
// Because the cut never depends on the number of threads, and partial sums are added in the order
// of the blocks, every result is the same bit for bit on any machine with the same instruction set.
#pragma once

#include <algorithm>

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/kernels/table.hpp"

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

// Rows of a slice that is read twice over: 16 KiB of doubles, half of a first cache, in chunks of a
// loss.
inline constexpr Index most_rows_per_slice = 256;
inline Index rows_per_slice(Index cols) {
  return std::clamp<Index>(2048 / std::max<Index>(cols, 1) / 16 * 16, 16, most_rows_per_slice);
}

// Rows whose sum is worth handing over: no fewer than make a megabyte, and of a p x p sum as many
// as columns, so that adding it costs little beside them.
inline Index rows_per_small_task(Index cols) { return 4 * rows_per_block(cols); }
inline Index rows_per_task(Index cols) { return std::max(rows_per_small_task(cols), cols); }

template <Real T>
using RowBlock = Eigen::Map<const RowMatrixOf<T>, 0, Eigen::OuterStride<>>;

template <Real T>
RowBlock<T> block_of(const RowMatrixOf<T>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.cols())};
}

template <Real T>
RowBlock<T> middle_of(const RowBlock<T>& x, Index begin, Index count) {
  return {x.data() + begin * x.outerStride(), count, x.cols(),
          Eigen::OuterStride<>(x.outerStride())};
}

template <Real T>
MatrixView<T> view_of(const RowBlock<T>& x) {
  return {x.data(), x.rows(), x.cols(), x.outerStride(), 1};
}

// As kernels know it.
template <Real T>
kernels::StridedMatrix<T> strided(const MatrixView<T>& x) {
  return {x.data, x.rows, x.cols, x.row_stride, x.col_stride};
}
template <Real T>
kernels::DenseBlock<T> dense(const RowBlock<T>& x) {
  return {x.data(), x.rows(), x.cols(), x.outerStride()};
}

// Copies rows begin .. begin + count into `out` (count x cols, row-major).
template <Real T>
void pack_rows(const MatrixView<T>& from, Index begin, Index count, T* out) {
  kernels::rows<T>().pack(strided(from.middle_rows(begin, count)), out);
}

// The rows themselves where they can be streamed, else a packed copy of this block in `buffer`.
template <Real T>
RowBlock<T> row_block(const MatrixView<T>& from, Index begin, Index count, RowMatrixOf<T>& buffer) {
  if (from.rows_are_contiguous())
    return {from.data + begin * from.row_stride, count, from.cols,
            Eigen::OuterStride<>(from.row_stride)};
  buffer.resize(std::max(buffer.rows(), count), from.cols);
  pack_rows(from, begin, count, buffer.data());
  return {buffer.data(), count, from.cols, Eigen::OuterStride<>(from.cols)};
}

}  // namespace hessopt
