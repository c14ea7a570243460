// Statistics of samples: sums, moments, tails, entropies.
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/core/types.hpp"
#include "hessopt/kernels/sums.hpp"

namespace hessopt::kernels {
namespace {

using ArrayMap = Eigen::Map<Array>;
using ConstArrayMap = Eigen::Map<const Array>;

inline Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>> matrix_of(const Samples& f) {
  return {f.data, f.rows, f.cols, Eigen::OuterStride<>(f.stride)};
}

// From one array of `size` numbers in aligned scratch to the next: the order of sums is by
// alignment.
constexpr Index aligned(Index size) { return (size + 7) / 8 * 8; }

// A. Neumaier's sum.
inline void add_weighted(Samples f, const double* weight, double* sum, double* lost) noexcept {
  for (Index i = 0; i < f.rows; ++i)
    for (Index j = 0; j < f.cols; ++j) {
      const double term = weight[i] * f.data[i * f.stride + j], next = sum[j] + term;
      lost[j] +=
          std::abs(sum[j]) >= std::abs(term) ? (sum[j] - next) + term : (term - next) + sum[j];
      sum[j] = next;
    }
}

inline void add_moments(Samples f, Index group, Index count, double* mean, double* between,
                        double* within) noexcept {
  double groups = static_cast<double>(count);
  const double part = 1.0 / static_cast<double>(group);
  alignas(64) double room[most_columns];
  ArrayMap unit(room, f.cols);
  for (Index i = 0; i < f.rows; i += group) {
    const double weight = 1.0 / (groups += 1.0);
    const double* u = f.data + i * f.stride;
    if (group > 1) {
      const auto members = matrix_of(f).middleRows(i, group).array();
      unit = part * members.colwise().sum().transpose();
      for (Index k = 0; k < group; ++k)
        ArrayMap(within, f.cols) += (members.row(k).transpose() - unit).square();
      u = unit.data();
    }
    for (Index j = 0; j < f.cols; ++j) {
      const double change = u[j] - mean[j];
      mean[j] += change * weight;
      between[j] += change * (u[j] - mean[j]);
    }
  }
}

inline void add_third_moments(Samples f, Index group, Index count, double* mean_, double* second_,
                              double* third_, double* out) noexcept {
  ArrayMap mean(mean_, f.cols), second(second_, f.cols), third(third_, f.cols);
  alignas(64) double room[2][most_columns];
  ArrayMap step(room[0], f.cols), rest(room[1], f.cols);
  const auto all = matrix_of(f);
  for (Index i = 0; i < f.rows / group; ++i) {
    ArrayMap unit(out + i * f.cols, f.cols);
    unit = all.middleRows(i * group, group).colwise().mean();
    step = (unit - mean) / static_cast<double>(count + i + 1);
    mean += step;
    rest = unit - mean;
    third += rest * ((rest + step) * (rest - step)) - 3.0 * step * second;
    second += rest * (rest + step);
  }
}

// J. Zhang, M. A. Stephens, "A new and efficient estimation method for the generalized Pareto
// distribution", Technometrics 51 (2009); A. Vehtari et al., "Pareto smoothed importance sampling",
// JMLR 25 (2024), for the ten more numbers that draw it to 1/2.
inline double pareto_shape(Index n, const double* numbers, Index points, double* scratch) noexcept {
  const ConstArrayMap x(numbers, n);
  const double count = static_cast<double>(n), quartile = x[(n + 2) / 4 - 1], most = x[n - 1];
  const auto shape = [&](double theta) { return (-theta * x).log1p().mean(); };
  ArrayMap theta(scratch, points), likelihood(scratch + aligned(points), points);
  for (Index j = 0; j < points; ++j) {
    const double part = static_cast<double>(points) / (static_cast<double>(j) + 0.5);
    theta[j] = 1 / most + (1 - std::sqrt(part)) / (3 * quartile);
    const double k = shape(theta[j]);
    likelihood[j] = count * (std::log(-theta[j] / k) - k - 1);
  }
  ArrayMap& weight = likelihood;
  weight = (likelihood - likelihood.maxCoeff()).exp();
  return (count * shape((weight * theta).sum() / weight.sum()) + 5) / (count + 10);
}

inline void entropies(Index rows, Index classes, const double* p, double* scratch,
                      double* out) noexcept {
  ArrayMap terms(scratch, classes);
  for (Index i = 0; i < rows; ++i) {
    const ConstArrayMap q(p + i * classes, classes);
    terms = (q > 0).select(q * q.log(), 0.0);  // 0 log 0 = 0
    out[i] = 0.0 - terms.sum();
  }
}

inline void entropy_terms(Samples p, Index classes, double count, const double* mean,
                          double* scratch, double* out, Index out_stride, Index part) noexcept {
  const Index size = p.cols / classes, pitch = aligned(p.cols);
  ArrayMap m(scratch, p.cols), log_m(scratch + pitch, p.cols), terms(scratch + 2 * pitch, p.cols);
  m = (count * ConstArrayMap(mean, p.cols) -
       0.5 * matrix_of(p).colwise().mean().transpose().array()) /
      (count - 0.5);
  log_m = (m > 0).select(m.log(), 0.0);
  ArrayMap& q = m;
  for (Index i = 0; i < p.rows; ++i) {
    q = ConstArrayMap(p.data + i * p.stride, p.cols);
    ArrayMap t(out + i * out_stride, size), h(t.data() + part, size), rest(h.data() + part, size);
    terms = -q * log_m;
    t = terms.reshaped(classes, size).colwise().sum();
    terms = -(q > 0).select(q * q.log(), 0.0);
    h = terms.reshaped(classes, size).colwise().sum();
    rest = t - h;
  }
}

}  // namespace
}  // namespace hessopt::kernels
