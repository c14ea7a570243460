#include "hessopt/linalg/damped_squares.hpp"

#include <Eigen/Householder>
#include <algorithm>
#include <cmath>

namespace hessopt {
namespace {

// [A | B] to [R | Q'B] in place, with A = QR of the first columns, one reflection at a time:
// products of blocks of them would want more of the stack than Eigen has here, where registers are
// wide.
void triangularize(Matrix& a, Index columns) {
  Vector room(a.cols());
  for (Index k = 0; k < std::min(columns, a.rows()); ++k) {
    const Index below = a.rows() - k - 1;
    double tau = 0, beta = 0;
    a.col(k).tail(below + 1).makeHouseholderInPlace(tau, beta);
    a.bottomRightCorner(below + 1, a.cols() - k - 1)
        .applyHouseholderOnTheLeft(a.col(k).tail(below), tau, room.data());
    a(k, k) = beta;
  }
}

}  // namespace

// Triangular from here on: the rest of b is out of reach.
DampedSquares::DampedSquares(const Matrix& a, const Vector& b) {
  const Index n = a.cols();
  Matrix both(a.rows(), n + 1);
  both << a, b;
  triangularize(both, n);
  a_ = both.topLeftCorner(n, n).triangularView<Eigen::Upper>();
  b_ = both.col(n).head(n);
}

Index DampedSquares::dependent(double error) const {
  for (Index k = 0; k < a_.cols(); ++k)
    if (!(std::abs(a_(k, k)) > error * a_.col(k).head(k + 1).norm())) return k;
  return -1;
}

Vector DampedSquares::solve(double lambda) const { return solve(lambda, nullptr); }

Vector DampedSquares::solve(double lambda, double* slope) const {
  const Index n = a_.cols();
  Vector s = -b_;
  if (lambda == 0) {
    a_.triangularView<Eigen::Upper>().solveInPlace(s);
    return s;
  }
  Matrix both(2 * n, n + 1);
  both << a_, s, std::sqrt(lambda) * Matrix::Identity(n, n), Vector::Zero(n);
  triangularize(both, n);
  const auto r = both.topLeftCorner(n, n).triangularView<Eigen::Upper>();
  s = both.col(n).head(n);
  r.solveInPlace(s);
  if (slope != nullptr) {
    Vector v = s;
    r.transpose().solveInPlace(v);
    *slope = -v.squaredNorm() / s.norm();
  }
  return s;
}

// Newton's iteration on 1 / |s|, which is nearly linear in lambda, between bounds.
double DampedSquares::damping(double length, double guess) const {
  constexpr int most_steps = 60;
  constexpr double width = 0.1;
  if (solve(0.0).norm() <= (1 + width) * length) return 0;  // not where A is singular
  double low = 0, high = (a_.transpose() * b_).norm() / length;
  double lambda = low < guess && guess < high ? guess : 1e-3 * high;
  for (int steps = 0; steps < most_steps; ++steps) {
    double slope = 0;
    const double size = solve(lambda, &slope).norm();
    if (std::abs(size - length) <= width * length) break;
    (size > length ? low : high) = lambda;
    lambda -= size / length * (size - length) / slope;
    if (!(low < lambda && lambda < high)) lambda = std::max(1e-3 * high, std::sqrt(low * high));
  }
  return lambda;
}

void TriangularRows::add(const Eigen::Ref<const RowMatrix>& rows) {
  const Index n = r_.cols();
  Matrix stacked(n + rows.rows(), n);
  stacked << r_, rows;
  triangularize(stacked, n);
  r_ = stacked.topRows(n).triangularView<Eigen::Upper>();
}

}  // namespace hessopt
