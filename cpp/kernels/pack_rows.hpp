// Rows of any strides brought into C order.
#pragma once

#include <algorithm>

#include "hessopt/kernels/strided.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

// Tile by tile, so that both sides touch whole cache lines also where the source is in Fortran
// order.
template <Real T>
void pack_rows(const StridedMatrix<T>& from, T* out) {
  constexpr Index tile = 16;
  const auto copy = [&](Index i0, Index i1, Index j0, Index j1) {
    for (Index i = i0; i < i1; ++i)
      for (Index j = j0; j < j1; ++j) out[i * from.cols + j] = from(i, j);
  };
  if (from.row_stride == 1) {
    constexpr Index side = lanes<T>;
    const Index rows = from.rows / side * side, cols = from.cols / side * side;
    for (Index j = 0; j < cols; j += side)
      for (Index i = 0; i < rows; i += side) {
        PacketSquare<T> square;
        for (Index l = 0; l < side; ++l) square.packet[l] = load(&from(i, j + l));
        Eigen::internal::ptranspose(square);
        for (Index l = 0; l < side; ++l)
          Eigen::internal::pstoreu(out + (i + l) * from.cols + j, square.packet[l]);
      }
    copy(0, from.rows, cols, from.cols);
    copy(rows, from.rows, 0, cols);
    return;
  }
  for (Index i = 0; i < from.rows; i += tile)
    for (Index j = 0; j < from.cols; j += tile)
      copy(i, std::min(i + tile, from.rows), j, std::min(j + tile, from.cols));
}

// The rows themselves where they can be streamed, else a copy of them in `room`.
template <Real T>
StridedMatrix<T> in_rows(const StridedMatrix<T>& x, T* room) {
  if (x.rows_are_contiguous()) return x;
  pack_rows(x, room);
  return {room, x.rows, x.cols, x.cols, 1};
}

}  // namespace
}  // namespace hessopt::kernels
