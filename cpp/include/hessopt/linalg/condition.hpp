// The 1-norm of H^-1 from a few solves, and with it the condition of H.
//
//   max |H^-1 x|_1 over |x|_1 <= 1
// is climbed from vertex to vertex: the subgradient at x names the next. A vector of alternating
// signs and growing size guards against its being caught. N. J. Higham, "FORTRAN codes for
// estimating the one-norm of a real or complex matrix", ACM TOMS 14 (1988). It is a lower bound,
// rarely off by a factor of 3.
#pragma once

#include <cmath>

#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {

// |H|_1 of the lower triangle of a symmetric matrix.
template <Real T>
double symmetric_norm(const MatrixOf<T>& h) {
  VectorOf<T> sums = VectorOf<T>::Zero(h.rows());
  for (Index j = 0; j < h.cols(); ++j) {
    const Index below = h.rows() - j - 1;
    const auto column = h.col(j).tail(below).cwiseAbs();
    sums.tail(below) += column;
    sums[j] += column.sum() + std::abs(h(j, j));
  }
  return static_cast<double>(sums.maxCoeff());
}

// An estimate of |(L L')^-1|_1.
template <Real T>
double inverse_norm(const MatrixOf<T>& l) {
  constexpr int most = 5;
  const Index n = l.rows();
  const auto solve = [&](const VectorOf<T>& from) {
    VectorOf<T> x = from;
    cholesky_solve_in_place(l, Eigen::Map<MatrixOf<T>>(x.data(), n, 1));
    return x;
  };
  VectorOf<T> x = VectorOf<T>::Constant(n, T(1) / static_cast<T>(n)), signs;
  double best = 0;
  Index vertex = -1;
  for (int k = 0; k < most; ++k) {
    const VectorOf<T> y = solve(x);
    const double size = y.template lpNorm<1>();
    const VectorOf<T> now = y.unaryExpr([](T v) { return v < 0 ? T(-1) : T(1); });
    const bool settled = k > 0 && (size <= best || now == signs);
    best = std::max(best, size);
    if (settled) break;
    signs = now;
    Index next;
    solve(signs).cwiseAbs().maxCoeff(&next);
    if (next == vertex) break;
    vertex = next;
    x = VectorOf<T>::Unit(n, vertex);
  }
  for (Index i = 0; i < n; ++i)
    x[i] =
        static_cast<T>((i % 2 ? -1 : 1) * (1 + static_cast<double>(i) /
                                                   static_cast<double>(std::max<Index>(n - 1, 1))));
  const double guard = 2 * solve(x).template lpNorm<1>() / (3 * static_cast<double>(n));
  return std::max(best, guard);
}

}  // namespace hessopt
