// By a Cholesky factorisation with complete pivoting, which stops at the rank r of H:
//   P'HP = [ L11 ] [ L11' L21' ],   null space: P [ -L11^-T L21' ]
//          [ L21 ]                              [       I        ]
// N. J. Higham, Analysis of the Cholesky decomposition of a semi-definite matrix (1990). The
// largest entry of what is not yet factored lies on its diagonal, so that other pivots need no
// search.
#include "hessopt/linalg/null_space.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {

Matrix null_space(const Matrix& h, double relative) {
  const Index n = h.cols();
  if (n == 0) return h;
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  const auto at = [&](Index i) -> Index& { return order[static_cast<std::size_t>(i)]; };
  Vector left = h.diagonal();  // of the diagonal, once the columns so far are subtracted
  const double least = relative * left.maxCoeff();
  Matrix l(n, n);
  Index rank = 0;
  for (; rank < n; ++rank) {
    Index pivot;
    const Index after = n - rank - 1;
    if (!(left.tail(after + 1).maxCoeff(&pivot) > least)) break;
    pivot += rank;
    std::swap(at(rank), at(pivot));
    std::swap(left[rank], left[pivot]);
    l.row(rank).head(rank).swap(l.row(pivot).head(rank));
    auto column = l.col(rank);
    column[rank] = std::sqrt(left[rank]);
    for (Index i = rank + 1; i < n; ++i)
      column[i] = h(std::max(at(i), at(rank)), std::min(at(i), at(rank)));
    column.tail(after).noalias() -=
        l.bottomLeftCorner(after, rank) * l.row(rank).head(rank).transpose();
    column.tail(after) /= column[rank];
    left.tail(after) -= column.tail(after).cwiseAbs2();
  }
  const Index free = n - rank;
  Matrix bound = -l.bottomLeftCorner(free, rank).transpose();
  if (rank > 0) solve_lower_transposed(Matrix(l.topLeftCorner(rank, rank)), bound);
  Matrix basis = Matrix::Zero(n, free);
  for (Index i = 0; i < rank; ++i) basis.row(at(i)) = bound.row(i);
  for (Index j = 0; j < free; ++j) basis(at(rank + j), j) = 1;
  return basis;
}

}  // namespace hessopt
