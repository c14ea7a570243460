// Rows turned, stacked and tilted: what stands in for them in the Gram matrices of closed forms.
#pragma once

#include <algorithm>
#include <limits>

#include "hessopt/kernels/rows.hpp"
#include "hessopt/losses/chunk.hpp"
#include "row_products.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
void turn(DenseBlock<T> x, bool intercept, const double* slope, const double* a, const double* b,
          double* out) noexcept {
  for (Index i = 0; i < x.rows; ++i, out += x.cols + (intercept ? 1 : 0)) {
    const T* from = x.data + i * x.stride;
    for (Index j = 0; j < x.cols; ++j) {
      const double x_ij = from[j];
      out[j] = x_ij * (a[i] + b[i] * slope[j] * x_ij);
    }
    if (intercept) out[x.cols] = a[i];
  }
}

template <Real T>
void stack(DenseBlock<T> x, bool intercept, const double* columns, Index column_stride, Index count,
           double* out) noexcept {
  for (Index i = 0; i < x.rows; ++i) {
    const T* from = x.data + i * x.stride;
    for (Index k = 0; k < count; ++k) {
      const double factor = columns[k * column_stride + i];
      for (Index j = 0; j < x.cols; ++j) *out++ = factor * static_cast<double>(from[j]);
      if (intercept) *out++ = factor;
    }
  }
}

// u -> q, and the logarithm of rate + keep e^u. With e^-|u|, so that nothing overflows: e^u is
// taken out of the sum where u > 0.
EIGEN_ALWAYS_INLINE void tilt_chunk(double rate, double* numbers, double* logarithms) {
  using namespace hessopt::detail;
  Eigen::Map<Chunk> q(numbers), logarithm_of(logarithms);
  const double keep = 1 - rate;
  const Chunk zero = Chunk::Zero(), u = q;
  const Chunk e = exponential_of_negative(-u.abs());
  const Chunk kept = where_less(u, zero, keep * e, Chunk::Constant(keep));
  const Chunk sum = kept + where_less(u, zero, Chunk::Constant(rate), rate * e);
  q = kept / sum;
  logarithm_of =
      where_less(u, zero, zero, u) + logarithm(sum.max(std::numeric_limits<double>::min()));
}

void tilt_numbers(double rate, Index size, double* u, double* logarithm) {
  Index i = 0;
  for (; i + chunk_rows <= size; i += chunk_rows) tilt_chunk(rate, u + i, logarithm + i);
  if (i == size) return;
  double last[chunk_rows] = {}, sum[chunk_rows];
  std::copy(u + i, u + size, last);
  tilt_chunk(rate, last, sum);
  std::copy_n(last, size - i, u + i);
  std::copy_n(sum, size - i, logarithm + i);
}

template <Real T>
void tilt(DenseBlock<T> x, const double* w, double rate, const double* sign, double* tilted,
          double* logarithm, double* spread, double* scratch) noexcept {
  const double scale = 1 / (1 - rate);  // of a kept input
  const Index n = x.rows, p = x.cols;
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < p; ++j)
      tilted[i * p + j] = sign[i] * static_cast<double>(x.data[i * x.stride + j]) * (scale * w[j]);
  tilt_numbers(rate, n * p, tilted, scratch);
  for (Index i = 0; i < n; ++i) logarithm[i] = sum_of(scratch + i * p, p);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < p; ++j) {
      const double kept = scale * static_cast<double>(x.data[i * x.stride + j]);
      double& q = tilted[i * p + j];
      if (spread != nullptr) spread[i * p + j] = kept * kept * (q - q * q);
      q *= kept;
    }
}

}  // namespace
}  // namespace hessopt::kernels
