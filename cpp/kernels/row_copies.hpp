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
  using Eigen::internal::pdiv, Eigen::internal::psub;
  constexpr Index step = lanes<double>;
  for (Index i = 0; i < x.rows; ++i, out += x.cols) {
    const T* from = x.data + i * x.stride;
    Index j = 0;
    for (; j + step <= x.cols; j += step) {
      Packet<double> numbers = load_wide(from + j);
      if (origin != nullptr) numbers = psub(numbers, load(origin + j));
      if (scale != nullptr) numbers = pdiv(numbers, load(scale + j));
      Eigen::internal::pstoreu(out + j, numbers);
    }
    for (; j < x.cols; ++j) {
      out[j] = from[j];
      if (origin != nullptr) out[j] -= origin[j];
      if (scale != nullptr) out[j] /= scale[j];
    }
  }
}

}  // namespace
}  // namespace hessopt::kernels
