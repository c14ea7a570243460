// Weighted Gram matrices X'WX, W = diag(w) with weights of any sign.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram_kernel.hpp"

namespace hessopt {

// lower(H) += A'B for two blocks of rows. The sum is symmetric by what the caller puts in.
template <Real T>
void add_gram(const RowBlock<T>& a, const RowBlock<T>& b, MatrixRef lower) {
  detail::add_gram(view_of(a), view_of(b), lower);
}

// lower(H) += X' diag(w) X for one block of rows, in the arithmetic of Compute.
template <Real Compute = double>
void add_weighted_gram(const RowBlock<double>& x, const double* w, MatrixRef lower) {
  detail::add_weighted_gram<Compute>(view_of(x), [&w](Index row) { return w[row]; }, lower);
}

// Writes the upper triangle from the lower one, tile by tile: it goes against the grain.
template <class H>
void mirror_lower(H&& h) {
  const Cut tiles{h.cols(), 32};
  for (Index t = 0; t < tiles.count(); ++t)
    for (Index u = t; u < tiles.count(); ++u)
      for (Index j = tiles.begin(t); j < tiles.begin(t) + tiles.size(t); ++j)
        for (Index i = std::max(j + 1, tiles.begin(u)); i < tiles.begin(u) + tiles.size(u); ++i)
          h(j, i) = h(i, j);
}

// The symmetric cols x cols matrix X'WX. float32 products run in float32, slice by slice; their sum
// over slices is kept in float64, so that the number of rows costs no digits. X may lie in any
// order; no more than a slice of it is ever copied.
template <Real T>
void weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, MatrixOf<T>& out) {
  require_size("w", w.size, x.rows);
  constexpr Index depth = detail::GramShape<T>::depth;
  const Cut slices{x.rows, depth};
  const Cut tasks{slices.count(), (rows_per_task(x.cols) + depth - 1) / depth};

  Matrix total = Matrix::Zero(x.cols, x.cols);
  ordered_reduce(
      tasks.count(), [&] { return Matrix(Matrix::Zero(x.cols, x.cols)); },
      [&](Matrix& partial, Index t) {
        for (Index s = tasks.begin(t); s < tasks.begin(t) + tasks.size(t); ++s) {
          poll_interrupt_in_team();
          const Index begin = slices.begin(s);
          const auto rows = x.middle_rows(begin, slices.size(s));
          detail::add_weighted_gram<T>(rows, [&](Index row) { return w[begin + row]; }, partial);
        }
      },
      [&](Matrix& partial) {
        total += partial;
        partial.setZero();
      });
  mirror_lower(total);
  out = total.template cast<T>();
}

}  // namespace hessopt
