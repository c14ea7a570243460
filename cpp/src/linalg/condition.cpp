//   max |H^-1 x|_1 over |x|_1 <= 1
// is climbed from vertex to vertex: the subgradient at x names the next. A vector of alternating
// signs and growing size guards against its being caught. N. J. Higham, "FORTRAN codes for
// estimating the one-norm of a real or complex matrix", ACM TOMS 14 (1988). It is a lower bound,
// rarely off by a factor of 3.
#include "hessopt/linalg/condition.hpp"

#include <cmath>

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {

template <Real T>
double symmetric_norm(const MatrixOf<T>& h) {
  VectorOf<T> sums(h.rows());
  kernels::cholesky<T>().off_diagonal_sums(false, h.data(), h.rows(), h.rows(), sums.data());
  return static_cast<double>((sums + h.diagonal().cwiseAbs()).maxCoeff());
}

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

template double symmetric_norm(const MatrixOf<float>&);
template double symmetric_norm(const Matrix&);
template double inverse_norm(const MatrixOf<float>&);
template double inverse_norm(const Matrix&);

}  // namespace hessopt
