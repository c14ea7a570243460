#include "hessopt/rows/inverse_forms.hpp"

#include <utility>

#include "../linalg/solve_many.hpp"
#include "hessopt/linalg/cholesky_inverse.hpp"
#include "hessopt/rows/whole.hpp"

namespace hessopt {

InverseForms::InverseForms(Matrix l, const Vector& origin, const Rows& rows, bool intercept)
    : l_(std::move(l)), origin_(origin) {
  if (rows.get_if<WholeRows>() == nullptr) return;
  const Index p = rows.cols();
  inverse_.resize(l_.rows(), l_.rows());
  cholesky_inverse(l_, inverse_);
  Vector at_zero(l_.rows());  // z of x = 0
  at_zero.head(p) = -origin_;
  if (intercept) at_zero[p] = 1;
  const Vector image = inverse_ * at_zero;
  linear_ = image.head(p);
  constant_ = at_zero.dot(image);
}

void InverseForms::of(const Block& rows, double* out) const {
  if (!rows.is_sparse()) return by_factor(rows, out);
  thread_local StoredRows stored;
  rows.store(stored);
  kernels::sparse().add_up_forms({stored.values.data(), stored.columns.data(), stored.starts.data(),
                                  rows.rows(), rows.cols(), 1},
                                 {inverse_.data(), inverse_.rows(), linear_.data(), constant_},
                                 out);
}

// The columns of z, without their last number, are solved for where they lie; the last of the
// solution is then (1 - l'y) / l_pp.
void InverseForms::by_factor(const Block& rows, double* out) const {
  const Index p = rows.cols(), m = rows.rows(), ld = l_.rows();
  thread_local RowMatrix y;
  thread_local Array last;
  rows.standardised(origin_.data(), nullptr, y);
  require_done(kernels::cholesky<double>().solve_many(l_.data(), ld, p, false, y.data(), p, m,
                                                      &poll_in_kernel));
  Vector row = Vector::Zero(p);
  double add = 0;
  if (rows.intercept()) {
    add = 1 / l_(p, p);
    row = -add * l_.row(p).head(p).transpose();
  }
  const Vector ones = Vector::Ones(p);
  last.resize(m);
  kernels::rows<double>().multiply_with_squares(dense(block_of(y)), row.data(), ones.data(), add,
                                                last.data(), out);
  for (Index i = 0; i < m; ++i) out[i] += last[i] * last[i];
}

}  // namespace hessopt
