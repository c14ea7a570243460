// Products of columns of a block with one other column: the pairs that second derivatives are sums
// of, made a few at a time where they are wanted.
#pragma once

#include "hessopt/kernels/networks.hpp"
#include "pack.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
void multiply_by_column(Index rows, Index units, const T* x, const T* y, T* out) noexcept {
  for (Index j = 0; j < units; ++j, x += network_stride<T>, out += network_stride<T>)
    for (Index i = 0; i < rows; i += lanes<T>)
      (Pack<T>::at(x + i) * Pack<T>::at(y + i)).store(out + i);
}

template <Real T>
void add_by_column(Index rows, Index units, const T* x, const T* y, T* out) noexcept {
  for (Index j = 0; j < units; ++j, x += network_stride<T>, out += network_stride<T>)
    for (Index i = 0; i < rows; i += lanes<T>)
      fused(Pack<T>::at(x + i), Pack<T>::at(y + i), Pack<T>::at(out + i)).store(out + i);
}

}  // namespace
}  // namespace hessopt::kernels
