// Softmax regression with noise on its inputs or coefficients, to second order in the noise:
//   f(W, b) = sum_i weight_i [log sum_k e^{mu_ik} - mu_iy + tr(A_i M_i) / 2] + penalty,
// A_i the covariance of the classes' predictors, M = diag(pi) - pi pi', pi = softmax(mu). Of a row,
// with w_k the coefficients of a class, d_k = w_k - z, z = sum_k pi_k w_k, s_j the variance of
// input j and q_k = sum_j s_j d_kj^2 for noise that all classes see,
//   tr(A M)   t = sum_k pi_k q_k
//   gradient  x r_k + pi_k s o d_k,   r = pi - e_y + M q / 2
//   Hessian   -pi_k pi_m [(1 - t + sum_j s_j g_j^2 / 2) xx' + x(s o g)' + (s o g)x' + diag(s)],
//             g = d_k + d_m, for k other than m; its blocks sum to zero.
// With noise of each class's own (DropConnect) A is diagonal: d_k = w_k and, with f = 1 - 2 pi,
//   tr(A M)   t = sum_k pi_k (1 - pi_k) q_k
//   gradient  x r_k + pi_k (1 - pi_k) s o w_k,   r = pi - e_y + M (f o q) / 2
//   Hessian   P_km xx' + f_m M_km x(s o w_m)' + f_k M_km (s o w_k)x'
//             + [k = m] pi_k (1 - pi_k) diag(s),
//             P_km = -pi_k pi_m [1 + (c_k + c_m) / 2 - pi_k q_k - pi_m q_m + sum_l pi_l^2 q_l],
//             c = f o q less its mean, for k other than m; the rows of P sum to zero.
// Not convex, and never negative. Intercepts have no noise.
//
// S. Wager, S. Wang, P. Liang, "Dropout training as adaptive regularization", NIPS 2013.
#pragma once

#include "hessopt/dropout/noise.hpp"
#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt {

class SoftmaxTaylor final : public EvaluatedObjective {
 public:
  SoftmaxTaylor(const SoftmaxModel& model, const Noise& noise);

  Index n_parameters() const override { return classes_ * width(); }
  double hessian_cost() const { return 4 + static_cast<double>(n_parameters()) / 60; }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  struct Room;

  Index width() const { return data_.n_parameters_per_output(); }
  kernels::TaylorRows prepare(Room& at, const Block& rows, Index begin, ConstVectorRef x) const;
  void add_gradient(VectorRef g, const Block& rows, Index begin,
                    const kernels::TaylorRows& at) const;
  void add_product(VectorRef out, const Block& rows, const kernels::TaylorRows& at,
                   ConstVectorRef v) const;
  void add_pairs(MatrixRef h, const Block& rows, const kernels::TaylorRows& at) const;
  void add_blocks(MatrixRef h, const Block& rows, const kernels::TaylorRows& at) const;
  void complete(Matrix& h) const;

  // s_ij = of_square x_ij^2 + constant; one draw for all classes or one for each.
  struct InputVariance {
    double of_square = 0, constant = 0;
    bool shared;

    explicit InputVariance(const Noise& noise);
  };

  Data data_;
  Index classes_;
  InputVariance variance_;
};

}  // namespace hessopt
