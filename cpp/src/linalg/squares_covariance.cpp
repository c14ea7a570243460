#include "hessopt/linalg/squares_covariance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hessopt {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double moved = 1e-6;  // part of a parameter in a null vector, in units of its column

// A V = U diag(s), the columns of A becoming those of U diag(s), largest first: by rotations of two
// columns until all are orthogonal, which finds small singular values to as many digits as A has.
void rotate_to_orthogonal(Matrix& a, Matrix& v) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  constexpr int most_sweeps = 60;
  const Index n = a.cols();
  v = Matrix::Identity(n, n);
  const auto rotate = [](auto x, auto y, double c, double s) {
    for (Index i = 0; i < x.size(); ++i) {
      const double x_i = x[i], y_i = y[i];
      x[i] = c * x_i - s * y_i;
      y[i] = s * x_i + c * y_i;
    }
  };
  for (int sweep = 0, rotations = 1; rotations > 0 && sweep < most_sweeps; ++sweep) {
    rotations = 0;
    for (Index i = 0; i < n; ++i)
      for (Index j = i + 1; j < n; ++j) {
        const double ii = a.col(i).squaredNorm(), jj = a.col(j).squaredNorm();
        const double ij = a.col(i).dot(a.col(j));
        if (ii >= jj && std::abs(ij) <= eps * std::sqrt(ii * jj)) continue;
        if (ij == 0) {  // in the wrong order alone
          a.col(i).swap(a.col(j));
          v.col(i).swap(v.col(j));
          ++rotations;
          continue;
        }
        const double zeta = (jj - ii) / (2 * ij);
        const double t = (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        const double c = 1 / std::sqrt(1 + t * t), s = c * t;
        rotate(a.col(i), a.col(j), c, s);
        rotate(v.col(i), v.col(j), c, s);
        if (a.col(i).squaredNorm() < a.col(j).squaredNorm()) {
          a.col(i).swap(a.col(j));
          v.col(i).swap(v.col(j));
        }
        if (std::abs(ij) > eps * std::sqrt(ii * jj)) ++rotations;
      }
  }
}

}  // namespace

SquaresCovariance squares_covariance(const Matrix& triangle, const std::vector<bool>& free,
                                     double error) {
  const Index n = triangle.cols();
  std::vector<Index> at;
  for (Index i = 0; i < n; ++i)
    if (free[static_cast<std::size_t>(i)]) at.push_back(i);
  const Index k = std::ssize(at);
  SquaresCovariance out{Matrix::Constant(n, n, nan), 0, Matrix::Zero(n, 0)};
  if (k == 0) return out;
  // Of columns of length 1: what is a small singular value depends on no unit of x.
  Matrix columns(triangle.rows(), k), v;
  Vector unit(k), values(k);
  for (Index c = 0; c < k; ++c) {
    columns.col(c) = triangle.col(at[static_cast<std::size_t>(c)]);
    unit[c] = columns.col(c).norm();
    if (!(unit[c] > 0)) unit[c] = 1;
    columns.col(c) /= unit[c];
  }
  rotate_to_orthogonal(columns, v);
  for (Index c = 0; c < k; ++c) values[c] = columns.col(c).norm();
  while (out.rank < k && values[out.rank] > error * values[0]) ++out.rank;
  out.null_space = Matrix::Zero(n, k - out.rank);
  std::vector<bool> is_open(static_cast<std::size_t>(k));
  for (Index c = out.rank; c < k; ++c) {
    for (Index a = 0; a < k; ++a) {
      if (std::abs(v(a, c)) > moved) is_open[static_cast<std::size_t>(a)] = true;
      out.null_space(at[static_cast<std::size_t>(a)], c - out.rank) = v(a, c) / unit[a];
    }
    out.null_space.col(c - out.rank).normalize();
  }
  for (Index a = 0; a < k; ++a)
    for (Index b = 0; b < k; ++b) {
      double sum = 0;
      for (Index c = 0; c < out.rank; ++c) sum += v(a, c) * v(b, c) / (values[c] * values[c]);
      const bool is_told =
          !is_open[static_cast<std::size_t>(a)] && !is_open[static_cast<std::size_t>(b)];
      out.matrix(at[static_cast<std::size_t>(a)], at[static_cast<std::size_t>(b)]) =
          is_told  ? sum / (unit[a] * unit[b])
          : a == b ? inf
                   : nan;
    }
  return out;
}

}  // namespace hessopt
