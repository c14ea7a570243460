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
void product_rule(Index rows, Index units, const T* slope, const T* e, const T* bend, const T* z,
                  T* out) noexcept {
  for_each_register<T>(rows, units, [&](Index i) {
    const Pack<T> curved = Pack<T>::at(e + i) * Pack<T>::at(bend + i) * Pack<T>::at(z + i);
    fused(Pack<T>::at(out + i), Pack<T>::at(slope + i), curved).store(out + i);
  });
}

constexpr Index filled_up(Index count) {
  return (count + network_step - 1) / network_step * network_step;
}

// A block of rows by columns, in squares of registers: square(i, j, packets) of rows i .. and
// columns j .., each packet a column, and one(i, j) of what is left.
template <Real T, class Square, class One>
EIGEN_ALWAYS_INLINE void by_columns(Index count, Index units, const T* const* row, Index stride,
                                    Square&& square, One&& one) {
  constexpr Index side = lanes<T>;
  Index rows = 0, cols = 0;  // in whole squares
  if constexpr (side > 1)
    if (stride == 1) {
      rows = count / side * side, cols = units / side * side;
      for (Index i = 0; i < rows; i += side)
        for (Index j = 0; j < cols; j += side) {
          PacketSquare<T> packets;
          for (Index l = 0; l < side; ++l) packets.packet[l] = load(row[i + l] + j);
          Eigen::internal::ptranspose(packets);
          square(i, j, packets.packet);
        }
    }
  for (Index j = cols; j < units; ++j)
    for (Index i = 0; i < rows; ++i) one(i, j);
  for (Index j = 0; j < units; ++j)
    for (Index i = rows; i < count; ++i) one(i, j);
}

template <Real T>
void transpose_rows(Index count, Index units, const T* const* row, Index stride, T* out) noexcept {
  constexpr Index next = network_stride<T>;
  by_columns<T>(
      count, units, row, stride,
      [&](Index i, Index j, const Packet<T>* columns) {
        for (Index l = 0; l < lanes<T>; ++l)
          Eigen::internal::pstoreu(out + (j + l) * next + i, columns[l]);
      },
      [&](Index i, Index j) { out[j * next + i] = row[i][j * stride]; });
  for (Index j = 0; j < units; ++j)
    std::fill(out + j * next + count, out + j * next + filled_up(count), T{0});
}

template <Real T>
void mask_columns(Index count, Index units, const T* s, const T* const* x, T* const* out) noexcept {
  constexpr Index next = network_stride<T>;
  const T* row[network_rows];
  for (Index i = 0; i < count; ++i) row[i] = s + i * units;
  by_columns<T>(
      count, units, row, 1,
      [&](Index i, Index j, const Packet<T>* columns) {
        for (int k = 0; k < 3; ++k)
          for (Index l = 0; l < lanes<T> && out[k] != nullptr; ++l) {
            const Index at = (j + l) * next + i;
            (Pack<T>::at(x[k] + at) * Pack<T>(columns[l])).store(out[k] + at);
          }
      },
      [&](Index i, Index j) {
        for (int k = 0; k < 3; ++k)
          if (out[k] != nullptr) out[k][j * next + i] = x[k][j * next + i] * row[i][j];
      });
  for (int k = 0; k < 3; ++k)
    for (Index j = 0; j < units && out[k] != nullptr; ++j)
      std::fill(out[k] + j * next + count, out[k] + j * next + filled_up(count), T{0});
}

}  // namespace
}  // namespace hessopt::kernels
