// Factors of matrices that are changed: by what is added or taken away, or until they are positive
// definite.
#pragma once

#include <algorithm>
#include <cmath>
#include <new>

#include "hessopt/kernels/cholesky.hpp"
#include "triangular.hpp"

namespace hessopt::kernels {
namespace {

template <bool Subtract, Real T>
Rotation<T> rotation_of(T l, T v) {
  if constexpr (!Subtract) {
    const T r = std::hypot(l, v);
    return {l / r, v / r, 0};
  } else {
    const T s = v / l, c = std::sqrt((1 - s) * (1 + s));
    return {c, s, 1 / c};
  }
}

template <bool Subtract, Real T>
void apply_rotation(const Rotation<T>& rotation, T* l, T* v, Index rows) {
  for (Index i = 0; i < rows; ++i) {
    const T left = l[i], right = v[i];
    if constexpr (!Subtract) {
      l[i] = rotation.c * left + rotation.s * right;
      v[i] = rotation.c * right - rotation.s * left;
    } else {
      l[i] = (left - rotation.s * right) * rotation.reciprocal;
      v[i] = rotation.c * right - rotation.s * l[i];
    }
  }
}

template <bool Subtract, Real T>
Pivot rotate_triangle(T* l, Index ld, Index cols, T* v, Index ldv, Index k, Rotation<T>* next) {
  for (Index j = 0; j < cols; ++j)
    for (Index q = 0; q < k; ++q, ++next) {
      T &pivot = l[j * (ld + 1)], &beside = v[j + q * ldv];
      *next = rotation_of<Subtract>(pivot, beside);
      if (!(next->c > 0)) return {j, static_cast<double>(pivot * pivot - beside * beside)};
      apply_rotation<Subtract>(*next, &pivot, &beside, cols - j);
    }
  return {};
}
template <bool Subtract, Real T>
void rotate_rows(const Rotation<T>* rotation, T* l, Index ld, Index cols, T* v, Index ldv, Index k,
                 Index rows) {
  for (Index j = 0; j < cols; ++j)
    for (Index q = 0; q < k; ++q, ++rotation)
      apply_rotation<Subtract>(*rotation, l + j * ld, v + q * ldv, rows);
}

template <Real T>
Pivot rotate_triangle(bool subtract, T* l, Index ld, Index cols, T* v, Index ldv, Index k,
                      Rotation<T>* rotations) noexcept {
  return subtract ? rotate_triangle<true>(l, ld, cols, v, ldv, k, rotations)
                  : rotate_triangle<false>(l, ld, cols, v, ldv, k, rotations);
}
template <Real T>
void rotate_rows(bool subtract, const Rotation<T>* rotations, T* l, Index ld, Index cols, T* v,
                 Index ldv, Index k, Index rows) noexcept {
  if (subtract)
    rotate_rows<true>(rotations, l, ld, cols, v, ldv, k, rows);
  else
    rotate_rows<false>(rotations, l, ld, cols, v, ldv, k, rows);
}

template <Real T>
void largest(const T* a, Index ld, Index n, T* diagonal, T* other) noexcept {
  const ConstColumns<T> h(a, n, n, Eigen::OuterStride<>(ld));
  *diagonal = h.diagonal().cwiseAbs().maxCoeff();
  *other = 0;
  for (Index j = 0; j + 1 < n; ++j)
    *other = std::max(*other, h.col(j).tail(n - j - 1).cwiseAbs().maxCoeff());
}

// Columns known so far are taken off the next, whose pivot is lifted until it bounds the column.
template <Real T>
void lift_columns(T* a, Index ld, Index rows, Index cols, T beta, T delta, T* e) noexcept {
  for (Index j = 0; j < cols; ++j) {
    Eigen::Map<VectorOf<T>> column(a + j * (ld + 1), rows - j);
    T factors[most_lifted];
    for (Index k = 0; k < j; ++k) factors[k] = a[k * ld + j];
    Index k = 0;
    for (; k + side <= j; k += side)
      subtract_some_columns<T, side>(a + k * ld + j, ld, factors + k, column.data(), rows - j);
    for (; k < j; ++k)
      subtract_some_columns<T, 1>(a + k * ld + j, ld, factors + k, column.data(), rows - j);
    auto below = column.tail(rows - j - 1);
    const T most = below.size() > 0 ? below.cwiseAbs().maxCoeff() / beta : T(0);
    const T pivot = std::max({std::abs(column[0]), most * most, delta});
    e[j] = pivot - column[0];
    column[0] = std::sqrt(pivot);
    below /= column[0];
  }
}

template <Real T>
Outcome subtract_outer(T* a, Index ld, Index cols, Index top, Index rows) noexcept {
  try {
    Columns<T> block(a, top + rows, top + rows, Eigen::OuterStride<>(ld));
    const auto left = block.block(top, 0, rows, cols);
    block.block(top, cols, rows, top - cols).noalias() -=
        left * block.block(cols, 0, top - cols, cols).transpose();
    block.block(top, top, rows, rows).template triangularView<Eigen::Lower>() -=
        left * left.transpose();
    return Outcome::done;
  } catch (const std::bad_alloc&) {
    return Outcome::no_memory;
  }
}

}  // namespace
}  // namespace hessopt::kernels
