// Solves by a triangle: columns are read once, several side by side.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <new>

#include "hessopt/kernels/cholesky.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

constexpr Index side = solve_side;

// y -= A x for `Cols` columns
template <Real T, Index Cols>
HESSOPT_NOINLINE void subtract_some_columns(const T* a, Index ld, const T* x, T* y, Index rows) {
  Packet<T> factors[Cols];
  for (Index q = 0; q < Cols; ++q) factors[q] = broadcast(-x[q]);
  Index i = 0;
  for (; i + lanes<T> <= rows; i += lanes<T>) {
    Packet<T> sum = load(y + i);
    for (Index q = 0; q < Cols; ++q)
      sum = Eigen::internal::pmadd(load(a + q * ld + i), factors[q], sum);
    Eigen::internal::pstoreu(y + i, sum);
  }
  for (; i < rows; ++i)
    for (Index q = 0; q < Cols; ++q) y[i] -= a[q * ld + i] * x[q];
}

// x -= A'y for `Cols` columns
template <Real T, Index Cols>
HESSOPT_NOINLINE void subtract_some_dots(const T* a, Index ld, const T* y, T* x, Index rows) {
  Packet<T> sums[Cols];
  for (Packet<T>& s : sums) s = broadcast(T(0));
  Index i = 0;
  for (; i + lanes<T> <= rows; i += lanes<T>) {
    const Packet<T> right = load(y + i);
    for (Index q = 0; q < Cols; ++q)
      sums[q] = Eigen::internal::pmadd(load(a + q * ld + i), right, sums[q]);
  }
  for (Index q = 0; q < Cols; ++q) {
    T sum = Eigen::internal::predux(sums[q]);
    for (Index r = i; r < rows; ++r) sum += a[q * ld + r] * y[r];
    x[q] -= sum;
  }
}

// The columns of a triangle of at most `side`, and the rectangle of `below` rows beneath it.
template <Real T>
void forward_some(const T* l, Index ld, T* x, Index cols, Index below) {
  for (Index j = 0; j < cols; ++j) {
    x[j] /= l[j * (ld + 1)];
    for (Index i = j + 1; i < cols; ++i) x[i] -= l[j * ld + i] * x[j];
  }
  if (cols == side) return subtract_some_columns<T, side>(l + side, ld, x, x + side, below);
  for (Index j = 0; j < cols; ++j)
    subtract_some_columns<T, 1>(l + j * ld + cols, ld, x + j, x + cols, below);
}
template <Real T>
void backward_some(const T* l, Index ld, T* x, Index cols, Index below) {
  if (cols == side)
    subtract_some_dots<T, side>(l + side, ld, x + side, x, below);
  else
    for (Index j = 0; j < cols; ++j)
      subtract_some_dots<T, 1>(l + j * ld + cols, ld, x + cols, x + j, below);
  for (Index j = cols - 1; j >= 0; --j) {
    for (Index i = j + 1; i < cols; ++i) x[j] -= l[j * ld + i] * x[i];
    x[j] /= l[j * (ld + 1)];
  }
}

template <Real T>
void forward(const T* l, Index ld, T* x, Index cols) noexcept {
  for (Index j = 0; j < cols; j += side) {
    const Index some = std::min(side, cols - j);
    forward_some(l + j * (ld + 1), ld, x + j, some, cols - j - some);
  }
}
template <Real T>
void backward(const T* l, Index ld, T* x, Index cols) noexcept {
  for (Index j = (cols - 1) / side * side; j >= 0; j -= side) {
    const Index some = std::min(side, cols - j);
    backward_some(l + j * (ld + 1), ld, x + j, some, cols - j - some);
  }
}
template <Real T>
void subtract_columns(const T* a, Index ld, const T* x, Index cols, T* y, Index rows) noexcept {
  for (Index j = 0; j < cols; j += side)
    subtract_some_columns<T, side>(a + j * ld, ld, x + j, y, rows);
}
template <Real T>
void subtract_dots(const T* a, Index ld, const T* y, Index rows, T* x, Index cols) noexcept {
  for (Index j = 0; j < cols; j += side)
    subtract_some_dots<T, side>(a + j * ld, ld, y, x + j, rows);
}

// Rows that are solved for between two looks for an interrupt.
constexpr Index solve_step = 512;

template <Real T>
using Columns = Eigen::Map<MatrixOf<T>, 0, Eigen::OuterStride<>>;
template <Real T>
using ConstColumns = Eigen::Map<const MatrixOf<T>, 0, Eigen::OuterStride<>>;

template <Real T>
void solve_step_down(const ConstColumns<T>& l, Columns<T>& x, Index begin, Index size) {
  auto here = x.middleRows(begin, size);
  if (begin > 0) here.noalias() -= l.block(begin, 0, size, begin) * x.topRows(begin);
  l.block(begin, begin, size, size).template triangularView<Eigen::Lower>().solveInPlace(here);
}
template <Real T>
void solve_step_up(const ConstColumns<T>& l, Columns<T>& x, Index begin, Index size) {
  const Index below = l.rows() - begin - size;
  auto here = x.middleRows(begin, size);
  if (below > 0)
    here.noalias() -= l.block(begin + size, begin, below, size).transpose() * x.bottomRows(below);
  l.block(begin, begin, size, size)
      .template triangularView<Eigen::Lower>()
      .transpose()
      .solveInPlace(here);
}

// Eigen packs its operands into memory of its own.
template <Real T>
Outcome solve_many(const T* l, Index ld, Index n, bool transposed, T* x, Index ldx, Index cols,
                   Poll poll) noexcept {
  try {
    const ConstColumns<T> triangle(l, n, n, Eigen::OuterStride<>(ld));
    Columns<T> right(x, n, cols, Eigen::OuterStride<>(ldx));
    const Index steps = (n + solve_step - 1) / solve_step;
    for (Index s = 0; s < steps; ++s) {
      if (poll()) return Outcome::abandoned;
      const Index begin = (transposed ? steps - 1 - s : s) * solve_step;
      const Index size = std::min(solve_step, n - begin);
      if (transposed)
        solve_step_up<T>(triangle, right, begin, size);
      else
        solve_step_down<T>(triangle, right, begin, size);
    }
    return Outcome::done;
  } catch (const std::bad_alloc&) {
    return Outcome::no_memory;
  }
}

}  // namespace
}  // namespace hessopt::kernels
