// The lower triangle of a matrix of any strides as columns, for kernels that overwrite it.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/packet.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace detail {

// Columns of a task, a whole number of packets, and tasks for a thread.
inline constexpr Index copy_columns = 64, copy_share = 8;

// Whole squares of rows top .. bottom and columns left .. right, turned in registers.
template <Real T>
void copy_turned(const MatrixView<T>& from, Index top, Index bottom, Index left, Index right,
                 MatrixOf<T>& to) {
  constexpr Index side = lanes<T>;
  for (Index i = top; i < bottom; i += side)
    for (Index j = left; j < right; j += side) {
      PacketSquare<T> square;
      for (Index l = 0; l < side; ++l) square.packet[l] = load(&from(i + l, j));
      Eigen::internal::ptranspose(square);
      for (Index l = 0; l < side; ++l) Eigen::internal::pstoreu(&to(i, j + l), square.packet[l]);
    }
}

}  // namespace detail

// Entries above the diagonal of `to`, of the shape of `from`, stay as they are.
template <Real T>
void copy_lower(const MatrixView<T>& from, MatrixOf<T>& to) {
  const Index n = from.rows;
  const Cut tasks{n, detail::copy_columns};
  parallel_for(
      tasks.count(),
      [&](Index t) {
        const Index left = tasks.begin(t), cols = tasks.size(t), right = left + cols;
        const auto copy = [&](Index j, Index begin, Index end) {
          for (Index i = begin; i < end; ++i) to(i, j) = from(i, j);
        };
        const bool turned = from.col_stride == 1 && cols == detail::copy_columns;
        const Index whole = turned ? right + (n - right) / lanes<T> * lanes<T> : right;
        if (turned) detail::copy_turned(from, right, whole, left, right, to);
        for (Index j = left; j < right; ++j) {
          copy(j, j, right);
          copy(j, whole, n);
        }
      },
      detail::copy_share);
}

}  // namespace hessopt
