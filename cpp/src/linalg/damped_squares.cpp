#include "hessopt/linalg/damped_squares.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <utility>

namespace hessopt {
namespace {

using Qr = Eigen::HouseholderQR<Matrix>;

}  // namespace

// Triangular from here on: the rest of b is out of reach.
DampedSquares::DampedSquares(Matrix a, const Vector& b) {
  const Index n = a.cols();
  const Qr qr(std::move(a));
  a_ = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>();
  b_ = (qr.householderQ().adjoint() * b).head(n);
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
  Matrix stacked(2 * n, n);
  stacked << a_, std::sqrt(lambda) * Matrix::Identity(n, n);
  Vector right(2 * n);
  right << s, Vector::Zero(n);
  const Qr qr(std::move(stacked));
  const auto r = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>();
  s = (qr.householderQ().adjoint() * right).head(n);
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
  const Qr qr(std::move(stacked));
  r_ = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>();
}

}  // namespace hessopt
