#include "hessopt/kernels/softmax.hpp"

#include <algorithm>

#include "parts.hpp"
#include "softmax_rows.hpp"

namespace hessopt::kernels {
namespace {

// pi - e_y, a column per class.
void set_change(const SoftmaxRows& rows, const double* labels, double* change, Index stride) {
  for (Index k = 0; k < rows.classes; ++k)
    std::copy_n(rows.each + k * rows.stride, rows.n, change + k * stride);
  for (Index i = 0; i < rows.n; ++i) {
    const auto y = static_cast<Index>(labels[i]);
    change[i + y * stride] = -complement(rows, i, y);
  }
}

// v_i times the weight of row i; returns the sum of their products with v_i before.
double weigh(Index n, const Weights& w, double* v) {
  Chunk sums = Chunk::Zero();
  Index i = 0;
  for (; i + chunk_rows <= n; i += chunk_rows) {
    Eigen::Map<Chunk> here(v + i);
    const Chunk before = here;
    if (w.each)
      here *= w.all * Eigen::Map<const Chunk>(w.each + i);
    else
      here *= w.all;
    sums += before * here;
  }
  for (Index l = 0; i < n; ++i, ++l) {
    const double before = v[i];
    v[i] *= weight_of(w, i);
    sums[l] += before * v[i];
  }
  return sums.sum();
}

double evaluate(const SoftmaxRows& rows, const double* labels, Weights w, double* change,
                Index change_stride, double* squares) noexcept {
  clear_weightless(rows.n, rows.classes, w, rows.each, rows.stride);
  from_predictors(rows, labels);
  if (change != nullptr) {
    set_change(rows, labels, change, change_stride);
    for (Index k = 0; k < rows.classes; ++k) {
      const double sum = weigh(rows.n, w, change + k * change_stride);
      if (squares != nullptr) squares[k] = sum;
    }
  }
  Chunk value = Chunk::Zero();
  for (Index i = 0; i < rows.n; i += chunk_rows)
    for (Index l = 0; l < std::min(chunk_rows, rows.n - i); ++l)
      value[l] += weight_of(w, i + l) * rows.loss[i + l];
  return value.sum();
}

void multiply_by_curvature(const SoftmaxRows& rows, Weights w, double* v, Index stride) noexcept {
  clear_weightless(rows.n, rows.classes, w, v, stride);
  centre(rows, v, stride);
  for (Index k = 0; k < rows.classes; ++k) {
    double* of_k = v + k * stride;
    for (Index i = 0; i < rows.n; i += chunk_rows)
      Eigen::Map<Chunk>(of_k + i) *= Eigen::Map<const Chunk>(rows.each + i + k * rows.stride);
    weigh(rows.n, w, of_k);
  }
}

void weights_of(const SoftmaxRows& rows, Weights w, Index k, Index m, double* out) noexcept {
  using Numbers = Eigen::Map<const Eigen::ArrayXd>;
  const auto of_class = [&](Index c) { return Numbers(rows.each + c * rows.stride, rows.n); };
  Eigen::Map<Eigen::ArrayXd> to(out, rows.n);
  if (w.each)
    to = w.all * Numbers(w.each, rows.n) * of_class(k);
  else
    to = w.all * of_class(k);
  if (m >= 0) to *= of_class(m);
}

void stack(DenseBlock<double> x, bool intercept, const double* columns, Index column_stride,
           Index count, double* out) noexcept {
  for (Index i = 0; i < x.rows; ++i) {
    const Eigen::Map<const Eigen::ArrayXd> row(x.data + i * x.stride, x.cols);
    for (Index k = 0; k < count; ++k) {
      const double factor = columns[k * column_stride + i];
      Eigen::Map<Eigen::ArrayXd>(out, x.cols) = factor * row;
      out += x.cols;
      if (intercept) *out++ = factor;
    }
  }
}

}  // namespace

constinit const SoftmaxKernels parts::softmax{
    .evaluate = &evaluate,
    .multiply_by_curvature = &multiply_by_curvature,
    .centre = &centre,
    .weights_of = &weights_of,
    .stack = &stack,
};

}  // namespace hessopt::kernels
