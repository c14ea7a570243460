// Weighted Gram matrices X'WX, W = diag(w) with weights of any sign.
#pragma once

#include <type_traits>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {

// lower(H) += A'B for two blocks of rows. The sum is symmetric by what the caller puts in.
template <Real T>
void add_gram(const RowBlock<T>& a, const RowBlock<T>& b,
              std::type_identity_t<MatrixRefOf<T>> lower) {
  lower.template triangularView<Eigen::Lower>() += a.transpose() * b;
}

// lower(H) += X' diag(w) X for one block of rows.
template <Real T>
void add_weighted_gram(const RowBlock<T>& x, const VectorOf<T>& w,
                       std::type_identity_t<MatrixRefOf<T>> lower) {
  const RowMatrixOf<T> weighted = w.asDiagonal() * x;
  add_gram(x, block_of(weighted), lower);
}

template <class H>
void mirror_lower(H&& h) {
  for (Index j = 0; j < h.cols(); ++j)
    for (Index i = j + 1; i < h.rows(); ++i) h(j, i) = h(i, j);
}

// The symmetric cols x cols matrix X'WX. float32 products run in float32, block by block; their sum
// over blocks is kept in float64, so that the number of rows costs no digits. At most one block of
// X is ever copied.
template <Real T>
void weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, MatrixOf<T>& out) {
  require_size("w", w.size, x.rows);
  const Cut blocks{x.rows, rows_per_block(x.cols)};
  // A task is at least as many rows as columns, so that adding its p x p sum stays cheap beside it.
  const Cut tasks{blocks.count(), 1 + x.cols / blocks.step};

  Matrix total = Matrix::Zero(x.cols, x.cols);
  struct Partial {
    Matrix sum;
    MatrixOf<T> gram;
    RowMatrixOf<T> buffer;
  };
  ordered_reduce(
      tasks.count(),
      [&] { return Partial{Matrix::Zero(x.cols, x.cols), MatrixOf<T>(x.cols, x.cols), {}}; },
      [&](Partial& partial, Index t) {
        for (Index b = tasks.begin(t); b < tasks.begin(t) + tasks.size(t); ++b) {
          poll_interrupt_in_team();
          const auto rows = row_block(x, blocks.begin(b), blocks.size(b), partial.buffer);
          const VectorOf<T> weights = w.map().segment(blocks.begin(b), blocks.size(b));
          if constexpr (std::same_as<T, double>) {
            add_weighted_gram(rows, weights, partial.sum);
          } else {
            partial.gram.setZero();
            add_weighted_gram(rows, weights, partial.gram);
            partial.sum += partial.gram.template cast<double>();
          }
        }
      },
      [&](Partial& partial) {
        total += partial.sum;
        partial.sum.setZero();
      });
  mirror_lower(total);
  out = total.template cast<T>();
}

}  // namespace hessopt
