// A symmetric matrix H and the Cholesky factor of H + shift I, in one square: L in the lower
// triangle, H in the strict upper one, its diagonal beside them.
#pragma once

#include "hessopt/core/archive.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

class ShiftedCholesky {
 public:
  ShiftedCholesky() = default;
  // Room for a matrix, which there is not yet.
  explicit ShiftedCholesky(Index size) { allocate(size); }

  // Of the matrix; 0 while there is none.
  Index size() const { return diagonal_.size(); }
  void clear() {
    diagonal_.resize(0);
    scale_ = 1;
    shift_ = std::numeric_limits<double>::quiet_NaN();
  }
  // max |H_ii|, or 1 where that is 0.
  double scale() const { return scale_; }
  const Vector& diagonal() const { return diagonal_; }
  Index factorizations() const { return factorizations_; }
  // Whether the factor at hand is that of a singular H.
  bool is_touched() const { return touch_ > 0; }
  // The shift of the factor at hand; NaN while there is none.
  double shift() const { return shift_; }

  // H = unit h, of which the lower triangle is read. False when it is not finite.
  bool set(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h, double unit) {
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

  // A pivot below its rounding error is a failure too: a step along it would be noise. `touch` adds
  // to every diagonal entry a part of itself, `more` the same to each.
  Pivot factor(double shift, double touch = 0, double more = 0) {
    ++factorizations_;
    a_.triangularView<Eigen::StrictlyLower>() = a_.transpose();
    a_.diagonal() = diagonal_.array() + touch * diagonal_.array().abs() + (shift + more);
    const Vector floors = rounding() * (diagonal_.cwiseAbs().array() + std::abs(shift));
    const Pivot pivot = cholesky_factor(a_, floors.data());
    shift_ = pivot.failed() ? std::numeric_limits<double>::quiet_NaN() : shift;
    touch_ = more;
    return pivot;
  }

  // Where H is singular: with next to nothing added to every diagonal entry alike, so that of all
  // solutions the one of least length is as good as found.
  Pivot factor_with_touch() {
    const double least = diagonal_.cwiseAbs().minCoeff();
    return factor(0, 0, std::max(1e-9 * least, 100 * rounding() * scale_));
  }

  // Whether a pivot of H failed by so little that rounding alone may be to blame: H is singular to
  // working precision, not indefinite.
  bool is_singular(const Pivot& pivot) const {
    return pivot.failed() && pivot.value > -100 * rounding() * std::abs(diagonal_[pivot.row]);
  }

  // The smallest pivot of the factor at hand, relative to its diagonal entry.
  double least_pivot() const {
    return (a_.diagonal().array().square() / (diagonal_.array() + shift_)).minCoeff();
  }

  // x <- (H + shift I)^-1 x
  void solve(Vector& x) const {
    cholesky_solve_in_place(a_, Eigen::Map<Matrix>(x.data(), x.size(), 1));
  }
  // The part of v along which H has no curvature, where the factor was touched for want of it; what
  // is left of a curvature c is (touch / (touch + c))^2.
  Vector flat_part(Vector v) const {
    for (int times = 0; times < 2; ++times) {
      solve(v);
      v *= touch_;
    }
    return v;
  }
  // x <- L^-1 x
  void half_solve(Vector& x) const { a_.triangularView<Eigen::Lower>().solveInPlace(x); }
  // H x
  Vector multiply(const Vector& x) const {
    const auto upper = a_.triangularView<Eigen::StrictlyUpper>();
    Vector out = diagonal_.cwiseProduct(x);
    out += upper * x;
    out += upper.transpose() * x;
    return out;
  }
  // sum_j |H_ij|, j other than i
  Vector off_diagonal_sums() const {
    Vector out = Vector::Zero(size());
    for (Index j = 1; j < size(); ++j) {
      out.head(j) += a_.col(j).head(j).cwiseAbs();
      out[j] += a_.col(j).head(j).cwiseAbs().sum();
    }
    return out;
  }

  template <class A>
  void fields(A& archive) {
    archive(diagonal_, scale_, shift_, touch_, factorizations_);
    if (size() > 0) archive(a_);
  }
  bool valid() const {
    return (size() == 0 || (a_.rows() == size() && a_.cols() == size())) && scale_ > 0 &&
           std::isfinite(scale_) && is_count(factorizations_);
  }

 private:
  void allocate(Index size) {
    naming_memory("Hessian", size, size, sizeof(double), [&] { a_.resize(size, size); });
  }
  // Of a pivot, relative to its diagonal entry.
  double rounding() const {
    return static_cast<double>(std::max<Index>(size(), 10)) *
           std::numeric_limits<double>::epsilon();
  }

  Matrix a_;
  Vector diagonal_;
  double scale_ = 1, shift_ = std::numeric_limits<double>::quiet_NaN();
  double touch_ = 0;  // a multiple of I beside the shift
  Index factorizations_ = 0;
};

}  // namespace hessopt
