// L L' = H + E for a symmetric H that need not be positive definite, E >= 0 diagonal.
//
// Column by column, with c the part of H not yet explained by L, the pivot is lifted until no
// entry of L exceeds beta:
//   d_j = max(|c_jj|, (max_i |c_ij| / beta)^2, delta),  e_j = d_j - c_jj
//   beta^2 = max(gamma, xi / sqrt(n^2 - 1), eps),  delta = eps max(gamma + xi, 1)
// with gamma the largest diagonal entry of H and xi the largest other, in size. Then
//   max E <= (xi / beta + (n - 1) beta)^2 + 2 (gamma + (n - 1) beta^2) + delta.
// P. E. Gill, W. Murray, M. H. Wright, Practical Optimization (1981), section 4.4.2.2. Without
// their interchanges, of which the bound makes no use: L stands in the order of H, and all that is
// built on L holds for H + E. A matrix that has a Cholesky factor gets it, and E = 0.
#pragma once

#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {
namespace detail {

// beta and delta of a matrix of which the lower triangle is read.
template <Real T>
std::pair<T, T> modification_bounds(const MatrixOf<T>& h) {
  const Index n = h.rows();
  constexpr T eps = std::numeric_limits<T>::epsilon();
  const T gamma = h.diagonal().cwiseAbs().maxCoeff();
  T xi = 0;
  for (Index j = 0; j + 1 < n; ++j)
    xi = std::max(xi, h.col(j).tail(n - j - 1).cwiseAbs().maxCoeff());
  const T order = std::sqrt(std::max<T>(1, static_cast<T>(n) * static_cast<T>(n) - 1));
  const T scale = std::max(gamma, xi);
  return {std::sqrt(std::max({gamma, xi / order, eps * scale, std::numeric_limits<T>::min()})),
          eps * (scale > 0 ? gamma + xi : 1)};
}

template <Real T>
void modified_factor(MatrixOf<T>& a, VectorOf<T>& e) {
  constexpr Index width = 48;
  const auto [beta, delta] = modification_bounds(a);
  const Cut blocks{a.rows(), width};
  for (Index b = 0; b < blocks.count(); ++b) {
    poll_interrupt();
    const Index begin = blocks.begin(b), size = blocks.size(b), end = begin + size;
    for (Index j = begin; j < end; ++j) {
      const Index below = a.rows() - j - 1, known = j - begin;
      auto column = a.col(j).tail(below + 1);
      column.noalias() -=
          a.block(j, begin, below + 1, known) * a.row(j).segment(begin, known).transpose();
      const T most = below > 0 ? column.tail(below).cwiseAbs().maxCoeff() / beta : T(0);
      const T pivot = std::max({std::abs(column[0]), most * most, delta});
      e[j] = pivot - column[0];
      column[0] = std::sqrt(pivot);
      column.tail(below) /= column[0];
    }
    const Cut strips{a.rows() - end, 128};
    parallel_for(strips.count(), [&](Index s) {
      const Index top = end + strips.begin(s), rows = strips.size(s);
      const auto left = a.block(top, begin, rows, size);
      a.block(top, end, rows, top - end).noalias() -=
          left * a.block(end, begin, top - end, size).transpose();
      a.block(top, top, rows, rows).template triangularView<Eigen::Lower>() -=
          left * left.transpose();
    });
  }
}

}  // namespace detail

// Overwrites the lower triangle of `a` with L and returns the diagonal of E. A pivot lost in
// rounding counts as not positive.
template <Real T>
VectorOf<T> modified_cholesky(MatrixOf<T>& a) {
  const Index n = a.rows();
  const Vector floors = static_cast<double>(n) * std::numeric_limits<T>::epsilon() *
                        a.diagonal().cwiseAbs().template cast<double>();
  const MatrixOf<T> h = a;
  VectorOf<T> e = VectorOf<T>::Zero(n);
  if (!cholesky_factor(a, floors.data()).failed()) return e;
  a = h;
  detail::modified_factor(a, e);
  return e;
}

}  // namespace hessopt
