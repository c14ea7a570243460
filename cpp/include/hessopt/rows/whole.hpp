// Rows whose sums over a block would be zeros for the most part, so that to add one to another
// costs more than the rows do: they are asked for sums over all of them at once. A number of such a
// sum is added up by one thread, row after row, and threads share the numbers: the same bits for
// any team.
#pragma once

#include "hessopt/rows/rows.hpp"

namespace hessopt {

class WholeRows : public RowSource {
 public:
  // g += X'r
  virtual void add_transposed(const double* r, double* g) const = 0;
  // lower(H) += X' diag(w) X
  virtual void add_gram(const double* w, MatrixRef h) const = 0;
  // Multiply-adds of that.
  virtual double gram_work() const = 0;
  // sums_j += sum of weight_i (x_ij - centre_j), or of weight_i ((x_ij - centre_j) / unit_j)^2,
  // over rows that weigh something
  virtual void add_deviations(const Array& weight, const double* centre, double* sums) const = 0;
  virtual void add_squares(const Array& weight, const double* centre, const double* unit,
                           double* sums) const = 0;
  // least_j, most_j of the columns over the rows of each of the groups, as of a block
  virtual void add_ranges(const Index* group, Index groups, double* least, double* most) const = 0;
};

// The rows before any noise was put on them, where they are of this kind, else null.
inline const WholeRows* sparse_part(const Rows& rows) { return rows.clean().get_if<WholeRows>(); }

// The same with the column of ones: g += (X 1)'r.
void add_transposed(const WholeRows& x, bool intercept, const double* r, VectorRef g);
// lower(H) += (Z 1)' diag(w) (Z 1), Z = X - 1 origin' by what that changes, X being sparse. Empty:
// 0.
void add_gram(const WholeRows& x, bool intercept, const double* w, const Vector& origin,
              MatrixRef h);

// lower(X'WX), s = X'w and the sum of w -> those of Z = X - 1 origin':
// Z'WZ = X'WX - s o' - o s' + (sum w) o o'.
void move_origin(MatrixRef h, Vector& sums, double total, const Vector& origin);
// Of a Gram matrix and its factor, in evaluations of value and gradient.
double cost_of_gram(const WholeRows& x);

// The sum of n numbers, in an order that does not depend on where they lie.
double sum_of(const double* r, Index n);

}  // namespace hessopt
