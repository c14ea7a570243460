// The Taylor form of softmax under noise: the arrays of softmax_taylor.hpp, a block of rows a call.
#pragma once

#include "hessopt/kernels/softmax.hpp"
#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// n rows of noisy inputs at a point. x, s and z have a row per row, without gaps; q and centred a
// column per class, as many numbers apart as those of `pi`, from which they start.
struct TaylorRows {
  SoftmaxRows pi;
  Weights weights;
  Index p;
  bool intercept;  // x has a last column, of ones
  bool shared;     // one draw of the noise for all classes, or one for each
  // Coefficients, a row per class, as many numbers apart as a class has parameters.
  const double* w;
  const double* x;
  double *s, *z;        // variance of the inputs; mean of the classes' coefficients
  double *q, *centred;  // c; where the noise is shared, q less its mean
  double* mean;         // sum_k pi_k q_k

  Index width() const { return p + (intercept ? 1 : 0); }
};

struct TaylorKernels {
  // s = of_square x^2 + constant, and all else of `rows`, whose predictors are in `pi`. Returns
  // sum_i w_i loss_i.
  double (*evaluate)(const TaylorRows& rows, double of_square, double constant,
                     const double* labels) noexcept;
  // r, a column per class, of which X'r is a part of the gradient, and to g what is not of that
  // form.
  void (*add_gradient)(const TaylorRows& rows, const double* labels, double* r, double* g) noexcept;
  // The same for the derivative of the gradient along v. `r` holds the derivatives of the
  // predictors and becomes r; `z` has room for n p numbers, `spread` for as many as r.
  void (*add_product)(const TaylorRows& rows, const double* v, double* r, double* z, double* spread,
                      double* product) noexcept;
  // Rows `right` and weights of which X'diag(weight) right is the block (k, m) of the Hessian, but
  // for its diagonal: of shared noise,
  void (*set_pair)(const TaylorRows& rows, Index k, Index m, double* right,
                   double* weight) noexcept;
  // and of each class's own. P_km of each row is in column m of `outer`, which set_outer fills.
  void (*set_outer)(const TaylorRows& rows, Index k, double* outer) noexcept;
  void (*set_block)(const TaylorRows& rows, const double* outer, Index k, Index m, double* right,
                    double* weight) noexcept;
  // w_i pi_ik (1 - pi_ik)
  void (*weights_of_class)(const TaylorRows& rows, Index k, double* out) noexcept;
};

}  // namespace hessopt::kernels
