#include "hessopt/linalg/linear_fit.hpp"

#include <Eigen/Householder>
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "hessopt/core/error.hpp"

namespace hessopt {

// One reflection at a time: products of blocks of them would want more of the stack than Eigen has
// here, where registers are wide.
LinearFit linear_fit(Matrix a, Matrix b, double error) {
  require_size("b", b.rows(), a.rows());
  const Index m = a.rows(), n = a.cols();
  Vector unit(n);
  for (Index k = 0; k < n; ++k) {
    const double length = a.col(k).stableNorm();
    unit[k] = length > 0 ? length : 1.0;
    a.col(k) /= unit[k];
  }
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  Vector tau(n), room(std::max(n, b.cols()));
  Index rank = 0;
  for (; rank < std::min(m, n); ++rank) {
    const Index left = m - rank;
    Index longest;
    const double length = a.bottomRightCorner(left, n - rank).colwise().norm().maxCoeff(&longest);
    if (!(length > error)) break;
    a.col(rank).swap(a.col(rank + longest));
    std::swap(order[static_cast<std::size_t>(rank)],
              order[static_cast<std::size_t>(rank + longest)]);
    double beta = 0;
    a.col(rank).tail(left).makeHouseholderInPlace(tau[rank], beta);
    const auto essential = a.col(rank).tail(left - 1);
    a.bottomRightCorner(left, n - rank - 1)
        .applyHouseholderOnTheLeft(essential, tau[rank], room.data());
    b.bottomRows(left).applyHouseholderOnTheLeft(essential, tau[rank], room.data());
    a(rank, rank) = beta;
  }
  Matrix c = b.topRows(rank);
  for (Index j = 0; j < c.cols(); ++j)
    for (Index i = rank - 1; i >= 0; --i) {
      c(i, j) /= a(i, i);
      c.col(j).head(i) -= c(i, j) * a.col(i).head(i);
    }
  LinearFit fit{Matrix::Zero(n, b.cols()), std::move(b), rank};
  for (Index i = 0; i < rank; ++i) {
    const Index to = order[static_cast<std::size_t>(i)];
    fit.coefficients.row(to) = c.row(i) / unit[to];
  }
  fit.remainder.topRows(rank).setZero();
  for (Index k = rank - 1; k >= 0; --k)
    fit.remainder.bottomRows(m - k).applyHouseholderOnTheLeft(a.col(k).tail(m - k - 1), tau[k],
                                                              room.data());
  return fit;
}

}  // namespace hessopt
