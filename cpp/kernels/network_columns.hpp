// Elementwise passes over columns of a block, and the transposition that makes them of rows.
#pragma once

#include <algorithm>

#include "hessopt/kernels/networks.hpp"
#include "pack.hpp"

namespace hessopt::kernels {
namespace {

// visit(offset) of every register of a block of columns.
template <Real T, class Visit>
EIGEN_ALWAYS_INLINE void for_each_register(Index rows, Index units, Visit&& visit) {
  for (Index j = 0; j < units; ++j)
    for (Index i = 0; i < rows; i += lanes<T>) visit(j * network_stride<T> + i);
}

template <Real T>
void multiply_columns(Index rows, Index units, const T* x, const T* y, T* out) noexcept {
  for_each_register<T>(rows, units,
                       [&](Index i) { (Pack<T>::at(x + i) * Pack<T>::at(y + i)).store(out + i); });
}

template <Real T>
void add_columns(Index rows, Index units, const T* x, T* out) noexcept {
  for_each_register<T>(
      rows, units, [&](Index i) { (Pack<T>::at(out + i) + Pack<T>::at(x + i)).store(out + i); });
}

template <Real T>
void turn_columns(Index rows, Index units, const T* slope, const T* e, const T* bend, const T* z,
                  T* out) noexcept {
  for_each_register<T>(rows, units, [&](Index i) {
    const Pack<T> curved = Pack<T>::at(e + i) * Pack<T>::at(bend + i) * Pack<T>::at(z + i);
    fused(Pack<T>::at(out + i), Pack<T>::at(slope + i), curved).store(out + i);
  });
}

template <Real T>
void transpose_rows(Index count, Index units, const T* const* row, Index stride, T* out) noexcept {
  constexpr Index side = lanes<T>, next = network_stride<T>;
  const Index rows = (count + network_step - 1) / network_step * network_step;
  const auto copy = [&](Index begin, Index end, Index first, Index last) {
    for (Index j = first; j < last; ++j)
      for (Index i = begin; i < end; ++i) out[j * next + i] = row[i][j * stride];
  };
  Index squares = 0, cols = 0;  // that are whole
  if constexpr (side > 1)
    if (stride == 1) {
      squares = count / side * side, cols = units / side * side;
      for (Index i = 0; i < squares; i += side)
        for (Index j = 0; j < cols; j += side) {
          PacketSquare<T> square;
          for (Index l = 0; l < side; ++l) square.packet[l] = load(row[i + l] + j);
          Eigen::internal::ptranspose(square);
          for (Index l = 0; l < side; ++l)
            Eigen::internal::pstoreu(out + (j + l) * next + i, square.packet[l]);
        }
    }
  copy(0, squares, cols, units);
  copy(squares, count, 0, units);
  for (Index j = 0; j < units; ++j) std::fill(out + j * next + count, out + j * next + rows, T{0});
}

}  // namespace
}  // namespace hessopt::kernels
