// Weighted Gram matrices X'WX, W = diag(w) with weights of any sign.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram_amx.hpp"
#include "hessopt/linalg/gram_kernel.hpp"

namespace hessopt {

// Rows of a block whose Gram matrix is wanted: a slice of the kernel or more.
inline Index rows_per_gram_block(Index cols) {
  return std::max(rows_per_block(cols), detail::GramShape<double>::depth);
}

// lower(H) += A'B for two blocks of rows. The sum is symmetric by what the caller puts in.
template <Real T>
void add_gram(const RowBlock<T>& a, const RowBlock<T>& b, MatrixRef lower) {
  detail::add_gram(view_of(a), view_of(b), lower);
}

// lower(H) += X' diag(w) X for one block of rows, in the arithmetic of Compute; where that is
// float32 and the CPU has tile units, wide rows count with 16 bits of mantissa only.
template <Real Compute, Real From>
void add_weighted_gram(const RowBlock<From>& x, const double* w, MatrixRef lower) {
  const auto weight = [&w](Index row) { return w[row]; };
  if constexpr (std::same_as<Compute, float>)
    if (x.cols() >= least_cols_for_amx && has_amx())
      return add_weighted_gram_amx(view_of(x), weight, lower);
  detail::add_weighted_gram<Compute>(view_of(x), weight, lower);
}

// Writes the upper triangle from the lower one, tile by tile: it goes against the grain.
template <class H>
void mirror_lower(H&& h) {
  const Cut tiles{h.cols(), 32};
  for (Index t = 0; t < tiles.count(); ++t) {
    poll_interrupt();
    for (Index u = t; u < tiles.count(); ++u)
      for (Index j = tiles.begin(t); j < tiles.begin(t) + tiles.size(t); ++j)
        for (Index i = std::max(j + 1, tiles.begin(u)); i < tiles.begin(u) + tiles.size(u); ++i)
          h(j, i) = h(i, j);
  }
}

// A sum over slices of rows, add(sum, begin, count), for slices of `depth` rows.
template <class Add>
Matrix sum_over_slices(Index total, Index cols, Index depth, Matrix zero, Add&& add) {
  const Cut slices{total, depth};
  const Cut tasks{slices.count(), (rows_per_task(cols) + depth - 1) / depth};
  Matrix sum = zero;
  ordered_reduce(
      tasks.count(), [&] { return zero; },
      [&](Matrix& partial, Index t) {
        for (Index s = tasks.begin(t); s < tasks.begin(t) + tasks.size(t); ++s) {
          poll_interrupt();
          add(partial, slices.begin(s), slices.size(s));
        }
      },
      [&](Matrix& partial) {
        sum += partial;
        partial.setZero();
      });
  return sum;
}

// The symmetric cols x cols matrix X'WX. float32 products run in float32, slice by slice; their sum
// over slices is kept in float64, so that the number of rows costs no digits. X may lie in any
// order; no more than a slice of it is ever copied.
template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w) {
  require_size("w", w.size, x.rows);
  Matrix sum = sum_over_slices(
      x.rows, x.cols, detail::GramShape<T>::depth, Matrix::Zero(x.cols, x.cols),
      [&](Matrix& partial, Index begin, Index count) {
        detail::add_weighted_gram<T>(
            x.middle_rows(begin, count), [&](Index row) { return w[begin + row]; }, partial);
      });
  mirror_lower(sum);
  return sum;
}

// X'WZ, x.cols x z.cols, by the same rules.
template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, const MatrixView<T>& z) {
  require_size("w", w.size, x.rows);
  require_size("Z", z.rows, x.rows);
  return sum_over_slices(
      x.rows, x.cols + z.cols, detail::GramShape<T>::depth, Matrix::Zero(x.cols, z.cols),
      [&](Matrix& partial, Index begin, Index count) {
        detail::add_weighted_product<T>(
            x.middle_rows(begin, count), [&](Index row) { return w[begin + row]; },
            z.middle_rows(begin, count), partial);
      });
}

}  // namespace hessopt
