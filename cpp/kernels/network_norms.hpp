// What batch normalisation does to columns of a block, unit by unit: numbers of a unit times its
// columns, and the sums that statistics are made of.
#pragma once

#include "hessopt/kernels/networks.hpp"
#include "pack.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
void normalize_columns(Index rows, Index units, const T* x, const T* mean, const T* scale,
                       T* out) noexcept {
  for (Index n = 0; n < units; ++n, x += network_stride<T>, out += network_stride<T>) {
    const Pack<T> m = broadcast(mean[n]), s = broadcast(scale[n]);
    for (Index i = 0; i < rows; i += lanes<T>) ((Pack<T>::at(x + i) - m) * s).store(out + i);
  }
}

template <Real T, int Terms>
HESSOPT_NOINLINE void combine_terms(Index rows, Index units, const T* const* factor,
                                    const T* const* x, const T* start, const T* w, bool add,
                                    T* out) noexcept {
  for (Index n = 0; n < units; ++n) {
    const Index at = n * network_stride<T>;
    const Pack<T> first = broadcast(start != nullptr ? start[n] : T{0});
    for (Index i = 0; i < rows; i += lanes<T>) {
      Pack<T> sum = first;
      for (int k = 0; k < Terms; ++k)
        sum = fused(Pack<T>(broadcast(factor[k][n])), Pack<T>::at(x[k] + at + i), sum);
      if (w != nullptr) sum = sum * Pack<T>::at(w + i);
      if (add) sum = sum + Pack<T>::at(out + at + i);
      sum.store(out + at + i);
    }
  }
}
template <Real T>
void combine_columns(Index rows, Index units, int terms, const T* const* factor, const T* const* x,
                     const T* start, const T* w, bool add, T* out) noexcept {
  if (terms == 0) combine_terms<T, 0>(rows, units, factor, x, start, w, add, out);
  if (terms == 1) combine_terms<T, 1>(rows, units, factor, x, start, w, add, out);
  if (terms == 2) combine_terms<T, 2>(rows, units, factor, x, start, w, add, out);
  if (terms == 3) combine_terms<T, 3>(rows, units, factor, x, start, w, add, out);
}

template <Real T>
void add_moments(Index rows, Index units, const T* w, const T* x, const T* x_mean, const T* y,
                 const T* y_mean, T* sums) noexcept {
  for (Index n = 0; n < units; ++n, x += network_stride<T>, y += network_stride<T>) {
    const Pack<T> a = broadcast(x_mean != nullptr ? x_mean[n] : T{0});
    const Pack<T> b = broadcast(y_mean != nullptr ? y_mean[n] : T{0});
    Pack<T> sum = broadcast(T{0});
    for (Index i = 0; i < rows; i += lanes<T>) {
      const Pack<T> left = Pack<T>::at(x + i) - a, right = Pack<T>::at(y + i) - b;
      sum = fused(w != nullptr ? left * Pack<T>::at(w + i) : left, right, sum);
    }
    sums[n] += Eigen::internal::predux(sum.v);
  }
}

}  // namespace
}  // namespace hessopt::kernels
