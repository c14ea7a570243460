// Probabilities of classes, a slice of rows a call. Arrays have a row per row and a column per
// class, columns `stride` numbers apart.
#pragma once

#include "hessopt/kernels/losses.hpp"
#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// All have room for whole chunks of rows.
struct SoftmaxRows {
  Index n, classes;
  double* each;  // predictors, which become their softmax
  Index stride;
  double* top;   // class of the largest
  double* rest;  // the sum of the others, to all its digits
  double* loss;  // log sum_k e^{eta_k - eta_y}
};

struct SoftmaxKernels {
  // All of `rows` from their predictors, those of rows that weigh nothing taken as 0. Returns
  // sum_i w_i loss_i. Where `change` is not null it becomes the derivatives w_i (pi_ik - [k = y_i])
  // and, where `squares` is not null, squares_k = sum_i w_i (pi_ik - [k = y_i])^2.
  double (*evaluate)(const SoftmaxRows& rows, const double* labels, Weights w, double* change,
                     Index change_stride, double* squares) noexcept;
  // v, here and below, has room for whole chunks of rows as well.
  // v_i = w_i (diag(pi_i) - pi_i pi_i') v_i, with v_i taken as 0 where the row weighs nothing
  void (*multiply_by_curvature)(const SoftmaxRows& rows, Weights w, double* v,
                                Index stride) noexcept;
  // v_i = v_i - pi_i'v_i
  void (*centre)(const SoftmaxRows& rows, double* v, Index stride) noexcept;
  // out = w_i pi_ik pi_im, or w_i pi_ik where m < 0
  void (*weights_of)(const SoftmaxRows& rows, Weights w, Index k, Index m, double* out) noexcept;
  // Rows (c_1 x_i, c_1, c_2 x_i, c_2, ...) with c_k = columns[k * column_stride + i], without gaps;
  // the numbers between the rows where `intercept`.
  void (*stack)(DenseBlock<double> x, bool intercept, const double* columns, Index column_stride,
                Index count, double* out) noexcept;
};

}  // namespace hessopt::kernels
