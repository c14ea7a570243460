// Rows turned and tilted: what stands in for them in the Gram matrices of closed forms.
#pragma once

#include <algorithm>
#include <limits>

#include "hessopt/kernels/losses.hpp"
#include "hessopt/losses/chunk.hpp"
#include "row_products.hpp"

namespace hessopt::kernels {
namespace {

using Numbers = Eigen::Map<const Eigen::ArrayXd>;

void combine_rows(DenseBlock<double> x, bool intercept, const double* slope, const double* a,
                  const double* b, double* out) noexcept {
  const Numbers slopes(slope, x.cols);
  for (Index i = 0; i < x.rows; ++i, out += x.cols + (intercept ? 1 : 0)) {
    const Numbers row(x.data + i * x.stride, x.cols);
    Eigen::Map<Eigen::ArrayXd>(out, x.cols) = row * (a[i] + b[i] * slopes * row);
    if (intercept) out[x.cols] = a[i];
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

void tilt(DenseBlock<double> x, const double* w, double rate, const double* sign, double* tilted,
          double* logarithm, double* spread, double* scratch) noexcept {
  const double scale = 1 / (1 - rate);  // of a kept input
  const Index n = x.rows, p = x.cols;
  const Numbers weights(w, p);
  const auto row = [&](Index i) { return Numbers(x.data + i * x.stride, p); };
  const auto part = [&](double* all, Index i) {
    return Eigen::Map<Eigen::ArrayXd>(all + i * p, p);
  };
  for (Index i = 0; i < n; ++i) part(tilted, i) = sign[i] * row(i) * (scale * weights);
  tilt_numbers(rate, n * p, tilted, scratch);
  for (Index i = 0; i < n; ++i) {
    logarithm[i] = sum_of(scratch + i * p, p);
    const auto kept = scale * row(i);
    auto q = part(tilted, i);
    if (spread != nullptr) part(spread, i) = kept.square() * (q - q.square());
    q *= kept;
  }
}

}  // namespace
}  // namespace hessopt::kernels
