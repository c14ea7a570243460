// The points x with A x = b, by coordinates of their own.
//
//   (D A)' P = Q R,   Q = H_1 .. H_r = [Y Z],   H_i = I - tau_i v_i v_i'
//   x = Y w + Z z,    R' w = P' D b
//
// D brings the rows of A to length 1, r is their rank, and the columns of Z are orthonormal
// directions along which A x stays as it is: z is free. Q is kept as its r reflectors, so that a
// product with Z or Z' costs 4 n r operations, and Z is never formed.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., section 15.3.
#pragma once

#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

class Equalities {
 public:
  Equalities() = default;  // none
  // Rows that follow from the others are left out; such as contradict them are an error.
  Equalities(const Matrix& a, const Vector& b);

  bool are_none() const { return reflectors_.rows() == 0; }
  // Of x.
  Index size() const { return reflectors_.rows(); }
  Index rank() const { return reflectors_.cols(); }
  // Of z; at least 1. Where a single point is left, z is a number that does not move it, so that a
  // solver has something to hold.
  Index free() const { return std::max<Index>(1, size() - rank()); }
  // Whether they leave a single one.
  bool is_point() const { return size() == rank(); }
  // The rows of A that are independent, most so first.
  const std::vector<Index>& rows() const { return rows_; }

  Vector to_x(const Vector& z) const;
  // Of the point nearest to x: Z'x.
  Vector to_z(const Vector& x) const { return gradient_to_z(x); }
  // Z z
  Vector direction(const Vector& z) const;
  // Z'g
  Vector gradient_to_z(const Vector& g) const;
  // Z'H Z, from the lower triangle of H.
  Matrix hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const;
  // Of as many rows as A: the least squares solution of A'y = g, 0 for the rows left out. At a
  // minimum A'y = g, and y_i is what the minimum rises by as b_i does.
  Vector multipliers(const Vector& g) const;
  // max |A x - b| over the independent rows.
  double violation(const Vector& x) const;

  template <class A>
  void fields(A& archive) {
    archive(reflectors_, tau_, r_, w_, sizes_, rows_);
  }
  bool valid() const;

 private:
  void factor(Matrix rows);
  Vector coordinates(const Vector& b) const;
  void reflect(Index i, Vector& v) const;
  // Q v and Q'v, in place.
  void turn(Vector& v) const;
  void turn_back(Vector& v) const;

  Matrix reflectors_;  // below the diagonal of column i, v_i, whose first number is 1
  Vector tau_;
  Matrix r_;  // upper
  Vector w_;
  Vector sizes_;             // of the rows of A, 1 where 0
  std::vector<Index> rows_;  // P
};

}  // namespace hessopt
