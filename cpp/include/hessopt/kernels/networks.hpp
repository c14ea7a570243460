// Dense layers, a block of rows a call. The block lies transposed: the numbers of a unit stand side
// by side, a column of up to network_rows, and those of the next unit network_stride further on.
//
// `rows` is a multiple of network_step here, filled up with rows that are not there: their inputs
// are zeros, and their derivatives of the loss, so that they add nothing to any sum.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

inline constexpr Index network_rows = 128;
inline constexpr Index network_step = 16;
// A cache line more than the rows: else a few sets of the first cache would hold all that a product
// reads of a row.
template <class T>
inline constexpr Index network_stride = network_rows + Index{64 / sizeof(T)};

template <class T>
struct ActivationKernel {
  const char* name;
  bool has_parameter;
  // z becomes phi(z); slope = phi'(z) and bend = phi''(z), where not null. No bend without a slope.
  void (*apply)(Index rows, Index units, T parameter, T* z, T* slope, T* bend) noexcept;
};

template <class T>
struct NetworkKernels {
  const ActivationKernel<T>* activations;
  Index n_activations;

  // The rows that begin at row[0], ..., row[count - 1], numbers `stride` apart, and zeros after
  // them.
  void (*transpose)(Index count, Index units, const T* const* row, Index stride, T* out) noexcept;
  // out_n = start + sum_k w[k k_stride + n n_stride] a_k. The start is what is there where `add`,
  // else bias_n; null: 0.
  void (*times)(Index rows, Index inputs, Index outputs, const T* a, const T* w, Index k_stride,
                Index n_stride, const T* bias, bool add, T* out) noexcept;
  // w[k outputs + n] += sum of a_k o d_n over rows
  void (*add_inner)(Index rows, Index inputs, Index outputs, const T* a, const T* d, T* w) noexcept;
  // The same of the rows of several blocks, all of network_rows but the last: columns of a begin
  // a_next further on in the next block, those of d d_next.
  void (*add_inner_of_blocks)(Index rows, Index inputs, Index outputs, const T* a, Index a_next,
                              const T* d, Index d_next, T* w) noexcept;
  // sums_n += sum of d_n over rows
  void (*add_sums)(Index rows, Index units, const T* d, T* sums) noexcept;

  // Three times out = s o x, those that are not null, with s by rows: s[i units + j] for unit j in
  // row i of `count`. Zeros after them. out may be x.
  void (*mask)(Index count, Index units, const T* s, const T* const* x, T* const* out) noexcept;

  // out = x o y; out may be x
  void (*multiply)(Index rows, Index units, const T* x, const T* y, T* out) noexcept;
  // out += x
  void (*add)(Index rows, Index units, const T* x, T* out) noexcept;
  // out = out o slope + e o bend o z
  void (*product_rule)(Index rows, Index units, const T* slope, const T* e, const T* bend,
                       const T* z, T* out) noexcept;
  // out_n = x_n o y, of one column y
  void (*multiply_by_column)(Index rows, Index units, const T* x, const T* y, T* out) noexcept;
  // out_n += x_n o y
  void (*add_by_column)(Index rows, Index units, const T* x, const T* y, T* out) noexcept;

  // out_n = (x_n - mean_n) scale_n; out may be x
  void (*normalize)(Index rows, Index units, const T* x, const T* mean, const T* scale,
                    T* out) noexcept;
  // out_n = (start_n + sum of factor[k][n] x[k]_n) o w of no more than three terms, or added to it
  // where `add`. Without a start: 0; without w: 1. out may be an x.
  void (*combine)(Index rows, Index units, int terms, const T* const* factor, const T* const* x,
                  const T* start, const T* w, bool add, T* out) noexcept;
  // sums_n += sum of w o (x_n - x_mean_n) o (y_n - y_mean_n) over rows. Without w: 1; without a
  // mean: 0.
  void (*add_moments)(Index rows, Index units, const T* w, const T* x, const T* x_mean, const T* y,
                      const T* y_mean, T* sums) noexcept;
};

}  // namespace hessopt::kernels
