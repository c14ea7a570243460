// A symmetric matrix H and the Cholesky factor of H + shift I, in one square: L in the lower
// triangle, H in the strict upper one, its diagonal beside them.
#pragma once

#include <limits>
#include <vector>

#include "hessopt/core/archive.hpp"
#include "hessopt/linalg/cholesky.hpp"

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
  // Whether the factor at hand is that of a singular H, perturbed.
  bool is_perturbed() const { return perturbation_ > 0; }
  // The shift of the factor at hand; NaN while there is none.
  double shift() const { return shift_; }

  // H = unit h, of which the lower triangle is read. False when it is not finite.
  bool set(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h, double unit);

  // A pivot below its rounding error is a failure too: a step along it would be noise. `relative`
  // adds to every diagonal entry a part of itself, `absolute` the same number to each.
  Pivot factor(double shift, double relative = 0, double absolute = 0);

  // Where H is singular: with one small number added to every diagonal entry, so that the solution
  // is close to the one of least length.
  Pivot factor_perturbed();

  // Whether a pivot of H failed by so little that rounding alone may be the cause: H is singular to
  // working precision, not indefinite.
  bool is_singular(const Pivot& pivot) const;

  // The smallest pivot of the factor at hand, relative to its diagonal entry.
  double least_pivot() const;

  // x <- (H + shift I)^-1 x
  void solve(Vector& x) const;
  // The part of v along which H has no curvature, where the factor was perturbed for want of it,
  // by e to each diagonal entry; what is left of a curvature c is (e / (e + c))^2.
  Vector flat_part(Vector v) const;
  // x <- L^-1 x
  void half_solve(Vector& x) const;
  // H x
  Vector multiply(const Vector& x) const;
  // H of some rows and columns, in ascending order.
  ShiftedCholesky corner(const std::vector<Index>& rows) const;
  // sum_j |H_ij|, j other than i
  Vector off_diagonal_sums() const;

  template <class A>
  void fields(A& archive) {
    archive(diagonal_, scale_, shift_, perturbation_, factorizations_);
    if (size() > 0) archive(a_);
  }
  bool valid() const;

 private:
  void allocate(Index size);
  double rounding() const;

  Matrix a_;
  Vector diagonal_;
  double scale_ = 1, shift_ = std::numeric_limits<double>::quiet_NaN();
  double perturbation_ = 0;  // a multiple of I beside the shift
  Index factorizations_ = 0;
};

}  // namespace hessopt
