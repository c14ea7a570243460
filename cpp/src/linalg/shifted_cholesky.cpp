#include "hessopt/linalg/shifted_cholesky.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

bool ShiftedCholesky::set(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h, double unit) {
  allocate(h.rows());
  a_.triangularView<Eigen::StrictlyUpper>() = unit * h.transpose();
  diagonal_ = unit * h.diagonal();
  scale_ = max_norm(diagonal_);
  shift_ = std::numeric_limits<double>::quiet_NaN();
  if (scale_ == 0) scale_ = 1;
  for (Index j = 1; j < h.cols(); ++j)
    if (!std::isfinite(a_.col(j).head(j).sum()) && !a_.col(j).head(j).allFinite()) return false;
  return std::isfinite(scale_);
}

Pivot ShiftedCholesky::factor(double shift, double touch, double more) {
  ++factorizations_;
  a_.triangularView<Eigen::StrictlyLower>() = a_.transpose();
  a_.diagonal() = diagonal_.array() + touch * diagonal_.array().abs() + (shift + more);
  const Vector floors = rounding() * (diagonal_.cwiseAbs().array() + std::abs(shift));
  const Pivot pivot = cholesky_factor(a_, floors.data());
  shift_ = pivot.failed() ? std::numeric_limits<double>::quiet_NaN() : shift;
  touch_ = more;
  return pivot;
}

Pivot ShiftedCholesky::factor_with_touch() {
  const double least = diagonal_.cwiseAbs().minCoeff();
  return factor(0, 0, std::max(1e-9 * least, 100 * rounding() * scale_));
}

bool ShiftedCholesky::is_singular(const Pivot& pivot) const {
  return pivot.failed() && pivot.value > -100 * rounding() * std::abs(diagonal_[pivot.row]);
}

double ShiftedCholesky::least_pivot() const {
  return (a_.diagonal().array().square() / (diagonal_.array() + shift_)).minCoeff();
}

void ShiftedCholesky::solve(Vector& x) const {
  cholesky_solve_in_place(a_, Eigen::Map<Matrix>(x.data(), x.size(), 1));
}

Vector ShiftedCholesky::flat_part(Vector v) const {
  for (int times = 0; times < 2; ++times) {
    solve(v);
    v *= touch_;
  }
  return v;
}

void ShiftedCholesky::half_solve(Vector& x) const {
  a_.triangularView<Eigen::Lower>().solveInPlace(x);
}

Vector ShiftedCholesky::multiply(const Vector& x) const {
  const auto upper = a_.triangularView<Eigen::StrictlyUpper>();
  Vector out = diagonal_.cwiseProduct(x);
  out += upper * x;
  out += upper.transpose() * x;
  return out;
}

Vector ShiftedCholesky::off_diagonal_sums() const {
  Vector out = Vector::Zero(size());
  for (Index j = 1; j < size(); ++j) {
    out.head(j) += a_.col(j).head(j).cwiseAbs();
    out[j] += a_.col(j).head(j).cwiseAbs().sum();
  }
  return out;
}

bool ShiftedCholesky::valid() const {
  return (size() == 0 || (a_.rows() == size() && a_.cols() == size())) && scale_ > 0 &&
         std::isfinite(scale_) && is_count(factorizations_);
}

void ShiftedCholesky::allocate(Index size) {
  naming_memory("Hessian", size, size, sizeof(double), [&] { a_.resize(size, size); });
}

// Of a pivot, relative to its diagonal entry.
double ShiftedCholesky::rounding() const {
  return static_cast<double>(std::max<Index>(size(), 10)) * std::numeric_limits<double>::epsilon();
}

}  // namespace hessopt
