#include "hessopt/linalg/shifted_cholesky.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/memory.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/copy_lower.hpp"
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

Pivot ShiftedCholesky::factor(double shift, double relative, double absolute) {
  ++factorizations_;
  // Transposed within the square: H is read above its diagonal, and written below.
  copy_lower(MatrixView<double>{a_.data(), size(), size(), size(), 1}, a_);
  a_.diagonal() = diagonal_.array() + relative * diagonal_.array().abs() + (shift + absolute);
  const Vector floors = rounding() * (diagonal_.cwiseAbs().array() + std::abs(shift));
  const Pivot pivot = cholesky_factor(a_, floors.data());
  shift_ = pivot.failed() ? std::numeric_limits<double>::quiet_NaN() : shift;
  perturbation_ = absolute;
  return pivot;
}

Pivot ShiftedCholesky::factor_perturbed() {
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
    v *= perturbation_;
  }
  return v;
}

void ShiftedCholesky::half_solve(Vector& x) const {
  solve_lower(a_, Eigen::Map<Matrix>(x.data(), x.size(), 1));
}

Vector ShiftedCholesky::multiply(const Vector& x) const {
  Vector out(size());
  kernels::cholesky<double>().multiply(true, a_.data(), size(), size(), diagonal_.data(), 1,
                                       x.data(), out.data());
  return out;
}

ShiftedCholesky ShiftedCholesky::corner(const std::vector<Index>& rows) const {
  const Index count = static_cast<Index>(rows.size());
  Matrix lower(count, count);
  for (Index j = 0; j < count; ++j) {
    const Index col = rows[static_cast<std::size_t>(j)];
    lower(j, j) = diagonal_[col];
    for (Index i = j + 1; i < count; ++i) lower(i, j) = a_(col, rows[static_cast<std::size_t>(i)]);
  }
  ShiftedCholesky out;
  out.set(lower, 1);
  return out;
}

Vector ShiftedCholesky::off_diagonal_sums() const {
  Vector out(size());
  kernels::cholesky<double>().off_diagonal_sums(true, a_.data(), size(), size(), out.data());
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
