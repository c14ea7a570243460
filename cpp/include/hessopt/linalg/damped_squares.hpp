// min |A s + b|^2 + lambda |s|^2 for any lambda, by QR of A above sqrt(lambda) I: never by A'A,
// which would lose half of the digits.
//
// J. J. More, "The Levenberg-Marquardt algorithm: implementation and theory", 1978, for lambda as
// the one that gives a step of a known length.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

class DampedSquares {
 public:
  // A of no fewer rows than columns, and as many b.
  DampedSquares(const Matrix& a, const Vector& b);

  Vector solve(double lambda) const;
  // A lambda whose solution is as long as `length` within a tenth; 0 where that of 0 is no longer.
  // `guess`: that of a problem nearby.
  double damping(double length, double guess) const;
  // What A can explain of |b|^2.
  double decrease() const { return b_.squaredNorm(); }
  // The first column that follows from those before it, but for `error` of itself; else -1.
  Index dependent(double error) const;

 private:
  // `slope`: of |s| in lambda, where it is wanted.
  Vector solve(double lambda, double* slope) const;

  Matrix a_;
  Vector b_;
};

// R of a QR decomposition without pivoting, square and upper triangular, of rows added to it one
// block after another: no more than a block of them is in memory.
class TriangularRows {
 public:
  explicit TriangularRows(Index columns) : r_(Matrix::Zero(columns, columns)) {}

  void add(const Eigen::Ref<const RowMatrix>& rows);
  const Matrix& r() const { return r_; }

 private:
  Matrix r_;
};

}  // namespace hessopt
