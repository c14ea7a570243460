// Blocked Cholesky factorisation H = L L' and the solve with it.
//
// Right-looking: factor a diagonal block, solve the panel below it, update the rest
//   [ L11          ]      A21 <- A21 L11^-T
//   [ L21  A22     ]      A22 <- A22 - L21 L21'
// G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., section 4.2.9.
#pragma once

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {

class NotPositiveDefinite : public std::runtime_error {
 public:
  NotPositiveDefinite(Index row, double pivot)
      : std::runtime_error("H: not positive definite; pivot " + std::to_string(row) + " is " +
                           text(pivot)) {}
};

// Where the factorisation stopped: the first pivot that was not above the floor.
struct Pivot {
  Index row = -1;
  double value = 0;

  bool failed() const { return row >= 0; }
};

namespace detail {

// Columns factored at a time: the panel of 128 columns and a tile of the update share an L2 cache.
inline constexpr Index cholesky_block = 128;
// Least number of strips or tiles for a thread: below it, waking a team costs more than it saves,
// and far more where another library's threads are still spinning.
inline constexpr Index cholesky_share = 6;

// `a` is lower-triangular column by column; entries above the diagonal are neither read nor
// written.
template <Real T>
Pivot factor_block(MatrixRefOf<T> a, const double* floors) {
  const Index n = a.rows();
  for (Index k = 0; k < n; ++k) {
    const Index below = n - k - 1;
    const T pivot = a(k, k) - a.row(k).head(k).squaredNorm();
    if (!(pivot > (floors ? floors[k] : 0)) || !std::isfinite(pivot))
      return {k, static_cast<double>(pivot)};
    const T root = std::sqrt(pivot);
    a(k, k) = root;
    if (below > 0) {
      if (k > 0)
        a.col(k).tail(below).noalias() -=
            a.block(k + 1, 0, below, k) * a.row(k).head(k).transpose();
      a.col(k).tail(below) /= root;
    }
  }
  return {};
}

}  // namespace detail

// Overwrites the lower triangle of `a` with L. A pivot at or below its row's floor (>= 0; 0 where
// none are given) ends it.
template <Real T>
Pivot cholesky_factor(MatrixOf<T>& a, const double* floors = nullptr) {
  const Index n = a.rows();
  for (Index k = 0; k < n; k += detail::cholesky_block) {
    const Index width = std::min(detail::cholesky_block, n - k), rest = n - k - width;
    Pivot pivot =
        detail::factor_block<T>(a.block(k, k, width, width), floors ? floors + k : nullptr);
    if (pivot.failed()) return {k + pivot.row, pivot.value};
    if (rest == 0) break;

    const auto l11 = a.block(k, k, width, width).template triangularView<Eigen::Lower>();
    const Cut strips{rest, detail::cholesky_block};
    parallel_for(
        strips.count(),
        [&](Index s) {
          auto strip = a.block(k + width + strips.begin(s), k, strips.size(s), width);
          l11.transpose().template solveInPlace<Eigen::OnTheRight>(strip);
        },
        detail::cholesky_share);
    // One task per tile of the lower triangle: (row strip i) >= (column strip j).
    const Index count = strips.count();
    parallel_for(
        count * (count + 1) / 2,
        [&](Index t) {
          Index j = 0;
          while (t >= count - j) t -= count - j++;
          const Index i = j + t;
          const auto rows = a.block(k + width + strips.begin(i), k, strips.size(i), width);
          const auto cols = a.block(k + width + strips.begin(j), k, strips.size(j), width);
          auto tile = a.block(k + width + strips.begin(i), k + width + strips.begin(j),
                              strips.size(i), strips.size(j));
          if (i == j)
            tile.template triangularView<Eigen::Lower>() -= rows * cols.transpose();
          else
            tile.noalias() -= rows * cols.transpose();
        },
        detail::cholesky_share);
  }
  return {};
}

// x <- (L L')^-1 x, one or many right-hand sides.
template <Real T>
void cholesky_solve_in_place(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  const auto lower = l.template triangularView<Eigen::Lower>();
  lower.solveInPlace(x);
  lower.transpose().solveInPlace(x);
}

// Factor and solve; `h` is destroyed, `b` becomes the solution.
template <Real T>
void cholesky_solve(MatrixOf<T>& h, MatrixOf<T>& b) {
  require_size("b", b.rows(), h.rows());
  const Pivot pivot = cholesky_factor(h);
  if (pivot.failed()) throw NotPositiveDefinite(pivot.row, pivot.value);
  cholesky_solve_in_place(h, b);
}

}  // namespace hessopt
