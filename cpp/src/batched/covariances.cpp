#include "hessopt/batched/covariances.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/batched/tolerances.hpp"
#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/damped_squares.hpp"
#include "hessopt/linalg/squares_covariance.hpp"

namespace hessopt {
namespace {

constexpr double error_of_jacobian = 1e-13;  // relative to a column

void one_covariance(const SquaresAt& at, Index p, bool is_absolute, double* out) {
  const Index m = at.m, n = at.n;
  const Eigen::Map<const RowMatrix> j(at.j + p * m * n, m, n);
  Eigen::Map<RowMatrix> to(out + p * n * n, n, n);
  if (!at.found[p] || !j.allFinite()) {
    to.setConstant(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  std::vector<bool> free(at.free + p * n, at.free + (p + 1) * n);
  TriangularRows rows(n);
  rows.add(j);
  const SquaresCovariance covariance = squares_covariance(rows.r(), free, error_of_jacobian);
  to = covariance.matrix;
  if (is_absolute) return;
  const Eigen::Map<const Vector> r(at.r + p * m, m);
  const Index freedom = m - covariance.rank;
  const double variance = freedom > 0 ? r.squaredNorm() / static_cast<double>(freedom)
                                      : std::numeric_limits<double>::infinity();
  to *= variance;
  for (Index i = 0; i < n; ++i)
    if (free[static_cast<std::size_t>(i)] && !std::isfinite(to(i, i)))
      to(i, i) = std::numeric_limits<double>::infinity();
}

}  // namespace

void batch_covariances(const SquaresAt& at, bool is_absolute, double* out) {
  const Cut groups{at.problems, batched::group_size};
  parallel_for(groups.count(), [&](Index t) {
    for (Index q = 0; q < groups.size(t); ++q)
      one_covariance(at, groups.begin(t) + q, is_absolute, out);
  });
}

}  // namespace hessopt
