// Rows looked through, and copied in double.
#pragma once

#include "hessopt/kernels/rows.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
bool all_finite(const StridedMatrix<T>& x) noexcept {
  const bool columns = x.row_stride == 1 && x.col_stride != 1;  // which then are read as rows
  const Index n = columns ? x.cols : x.rows, p = columns ? x.rows : x.cols;
  const Index row_stride = columns ? x.col_stride : x.row_stride;
  const Index col_stride = columns ? x.row_stride : x.col_stride;
  // Infinity and NaN times zero are NaN, and remain so in a sum.
  constexpr Index step = lanes<T>, unrolled = 4;
  Packet<T> sums[unrolled];
  for (auto& sum : sums) sum = broadcast(T{0});
  T rest = 0;
  for (Index i = 0; i < n; ++i) {
    const T* row = x.data + i * row_stride;
    Index j = 0;
    if (col_stride == 1)
      for (; j + unrolled * step <= p; j += unrolled * step)
        for (Index u = 0; u < unrolled; ++u)
          sums[u] = Eigen::internal::pmadd(load(row + j + u * step), broadcast(T{0}), sums[u]);
    for (; j < p; ++j) rest += row[j * col_stride] * T{0};
  }
  for (const auto& sum : sums) rest += Eigen::internal::predux(sum);
  return rest == 0;
}

template <Real T>
void widen(DenseBlock<T> x, const double* origin, const double* scale, double* out) noexcept {
  for (Index i = 0; i < x.rows; ++i, out += x.cols) {
    const T* from = x.data + i * x.stride;
    if (scale != nullptr)
      for (Index j = 0; j < x.cols; ++j)
        out[j] = (static_cast<double>(from[j]) - origin[j]) / scale[j];
    else if (origin != nullptr)
      for (Index j = 0; j < x.cols; ++j) out[j] = static_cast<double>(from[j]) - origin[j];
    else
      for (Index j = 0; j < x.cols; ++j) out[j] = static_cast<double>(from[j]);
  }
}

}  // namespace
}  // namespace hessopt::kernels
