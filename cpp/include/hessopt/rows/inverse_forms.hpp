// z'H^-1 z of rows z = (x - origin, 1), or of x without an intercept, by the factor of H = L L'.
//
// Of dense rows the squares of L^-1 z, a block at a time, at the price of a Gram matrix. Sparse and
// categorical rows are not made dense: by the inverse it is x'Ax + 2 b'x + c, of which a row costs
// the pairs of its numbers.
#pragma once

#include "hessopt/rows/rows.hpp"

namespace hessopt {

class InverseForms {
 public:
  // `l`: lower triangle, the intercept last.
  InverseForms(Matrix l, const Vector& origin, const Rows& rows, bool intercept);

  // Of each row of a block of these rows.
  void of(const Block& rows, double* out) const;

 private:
  void by_factor(const Block& rows, double* out) const;

  Matrix l_;
  Vector origin_;
  // Of rows that are not made dense.
  Matrix inverse_;
  Vector linear_;
  double constant_ = 0;
};

}  // namespace hessopt
