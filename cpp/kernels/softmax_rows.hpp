// Softmax of a slice of rows, and products with its derivatives.
#pragma once

#include "hessopt/kernels/softmax.hpp"
#include "hessopt/losses/chunk.hpp"

namespace hessopt::kernels {
namespace {

inline double weight_of(const Weights& w, Index i) { return w.each ? w.all * w.each[i] : w.all; }

// Of class k in row i: 1 - pi_ik.
inline double complement(const SoftmaxRows& rows, Index i, Index k) {
  return static_cast<double>(k) == rows.top[i] ? rows.rest[i]
                                               : 1.0 - rows.each[i + k * rows.stride];
}

// Of the rows from i on, a chunk.
inline void softmax(const SoftmaxRows& rows, Index i) {
  using namespace hessopt::detail;
  const auto chunk = [](double* from) { return Eigen::Map<Chunk>(from); };
  const auto of_class = [&](Index k) { return chunk(rows.each + i + k * rows.stride); };
  const Chunk half = Chunk::Constant(0.5), zero = Chunk::Zero();
  Chunk largest = of_class(0), of_largest = zero, others = zero;
  for (Index k = 1; k < rows.classes; ++k) {
    const Chunk eta = of_class(k);
    of_largest = where_less(largest, eta, Chunk::Constant(static_cast<double>(k)), of_largest);
    largest = where_less(largest, eta, eta, largest);
  }
  for (Index k = 0; k < rows.classes; ++k) {
    const Chunk e = exponential_of_negative(of_class(k) - largest);
    of_class(k) = e;
    others += where_less((of_largest - static_cast<double>(k)).abs(), half, zero, e);
  }
  const Chunk scale = 1.0 / (1.0 + others);
  for (Index k = 0; k < rows.classes; ++k) of_class(k) *= scale;
  chunk(rows.top + i) = of_largest;
  chunk(rows.rest + i) = others * scale;
  chunk(rows.loss + i) = (chunk(rows.loss + i) + largest) + others.log1p();
}

// Infinity times a weight of zero would be no number.
inline void clear_weightless(Index n, Index classes, const Weights& w, double* v, Index stride) {
  if (w.each == nullptr) return;
  for (Index i = 0; i < n; ++i)
    if (w.each[i] == 0)
      for (Index k = 0; k < classes; ++k) v[i + k * stride] = 0;
}

inline void from_predictors(const SoftmaxRows& rows, const double* labels) {
  for (Index i = 0; i < rows.n; ++i)
    rows.loss[i] = -rows.each[i + static_cast<Index>(labels[i]) * rows.stride];
  for (Index i = 0; i < rows.n; i += chunk_rows) softmax(rows, i);
}

// Rows become their distance to their mean over the classes. Counted from the top class, the mean
// holds no term that outweighs the others.
inline void centre(const SoftmaxRows& rows, double* v, Index stride) noexcept {
  for (Index i = 0; i < rows.n; i += chunk_rows) {
    const auto of_class = [&](Index k) { return Eigen::Map<Chunk>(v + i + k * stride); };
    Chunk shift;
    for (Index l = 0; l < chunk_rows; ++l)
      shift[l] = v[i + l + static_cast<Index>(rows.top[i + l]) * stride];
    Chunk mean = Chunk::Zero();
    for (Index k = 0; k < rows.classes; ++k) {
      of_class(k) -= shift;
      mean += Eigen::Map<const Chunk>(rows.each + i + k * rows.stride) * of_class(k);
    }
    for (Index k = 0; k < rows.classes; ++k) of_class(k) -= mean;
  }
}

}  // namespace
}  // namespace hessopt::kernels
