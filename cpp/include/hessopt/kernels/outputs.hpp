// Products of a block of rows with several vectors at once, as the predictors of classes are.
#pragma once

#include "hessopt/kernels/rows.hpp"

namespace hessopt::kernels {

// The numbers of a vector stand side by side, and zeros after them up to a multiple of output_step,
// by which one vector at least begins after another.
inline constexpr Index output_step = 16;

// T: of the rows; S: of the vectors, and of sums over a few hundred columns or rows.
template <class T, class S>
struct OutputKernels {
  // out[k out_stride + i] = x_i'w_k + add_k
  void (*multiply)(DenseBlock<T> x, const S* w, Index stride, Index count, const double* add,
                   double* out, Index out_stride) noexcept;
  // g_k += sum_i r[k r_stride + i] x_i, and sums_k += sum_i r[k r_stride + i]
  void (*add_transposed)(DenseBlock<T> x, const double* r, Index r_stride, Index count, S* g,
                         Index stride, double* sums) noexcept;
};

}  // namespace hessopt::kernels
