// Pointwise losses and their expectations, a block of rows a call.
#pragma once

#include "hessopt/kernels/rows.hpp"

namespace hessopt::kernels {

// Rows that a loss is given at a time, a chunk.
inline constexpr Index chunk_rows = 16;

// Of rows that follow each other: weight i is each[i] * all, or all where there are none.
struct Weights {
  const double* each = nullptr;
  double all = 1;
};

// A number that a loss is made with.
struct LossParameter {
  const char* name;
  const char* domain;  // in words
  bool (*accepts)(double value);
};

// Normal laws of the predictors of n rows, with what else is known of them. `offset` is added to
// the means, and may be null.
struct PredictorLaws {
  Index n;
  const double *mean, *variance, *offset, *target;
  Weights weights;
};
// w_i times the derivatives of F_i, with room for whole chunks of rows.
struct MarginalDerivatives {
  double *mean, *variance, *mean_mean, *mean_variance, *variance_variance;
};
// Returns sum_i w_i F_i. A row that weighs nothing adds nothing, whatever its law.
using MarginalKernel = double (*)(const double* parameters, const PredictorLaws& rows,
                                  const MarginalDerivatives& out) noexcept;

// What the expectation of a loss under a normal predictor is to the one under noise.
enum class NormalForm : int {
  none,
  near,             // an approximation of it
  of_normal_noise,  // it, where the noise is normal
  of_any_noise,     // it, as only mean and variance matter
};

// All of a loss.
struct LossKernel {
  const char* name;
  const char* target;  // its domain, in words
  const LossParameter* parameters;
  const double* defaults;
  Index n_parameters;
  bool (*convex)(const double* parameters) noexcept;
  bool (*accepts)(const double* parameters, double target) noexcept;
  // The sign of the predictors towards which the loss falls without end; 0: it rises both ways.
  double (*falls)(double target) noexcept;

  // sums: those of w_i l_i and w_i l_i'^2. `first` and `second`, w_i l_i' and w_i l_i'', have room
  // for whole chunks of rows. A row that weighs nothing adds nothing, whatever its loss.
  void (*add_up)(const double* parameters, Index n, const double* eta, const double* y,
                 Weights weights, double* first, double* second, double* sums) noexcept;
  // out_i = l(eta_i, y_i)
  void (*values)(const double* parameters, Index n, const double* eta, const double* y,
                 double* out) noexcept;
  // l = scale e^(sign eta) + slope eta, n a multiple of chunk_rows. Null: not of this form.
  void (*terms)(Index n, const double* y, double* scale, double* sign, double* slope) noexcept;
  MarginalKernel normal;  // null where `normal_form` is none
  NormalForm normal_form;
  MarginalKernel taylor;  // null: there is none
};

struct LossKernels {
  const LossKernel* each;
  Index count;

  // v_i = factor_i v_i, 0 where the factor is 0
  void (*multiply)(Index n, const double* factor, double* v) noexcept;
  // (u, t) = (a u + b t, b u + c t) of each row
  void (*multiply_by_pairs)(Index n, const double* a, const double* b, const double* c, double* u,
                            double* t) noexcept;
  // The matrices (a b; b c) of n rows as l_1 v_1 v_1' + l_2 v_2 v_2': components of v_k and l_k in
  // axes[3 k], axes[3 k + 1], axes[3 k + 2].
  void (*find_axes)(Index n, const double* a, const double* b, const double* c,
                    double* const* axes) noexcept;
  // e_i = w_i scale_i e^(e_i), n a multiple of chunk_rows
  void (*weighted_exponentials)(Index n, const double* scale, const double* weight,
                                double* e) noexcept;
  // Rows (a_i x_i + b_i x_i o x_i o slope, a_i), the last where `intercept`, without gaps.
  void (*combine_rows)(DenseBlock<double> x, bool intercept, const double* slope, const double* a,
                       const double* b, double* out) noexcept;
  // Of inputs that are dropped with probability `rate`, else divided by 1 - rate = keep:
  //   u_j = sign_i x_ij w_j / keep,  m_j = rate + keep e^u_j,  q_j = keep e^u_j / m_j,
  // rows of tilted = q o x / keep, logarithm = sum_j log m_j, and where `spread` is not null its
  // rows x o x o q o (1 - q) / keep^2. `scratch` has room for n p numbers.
  void (*tilt)(DenseBlock<double> x, const double* w, double rate, const double* sign,
               double* tilted, double* logarithm, double* spread, double* scratch) noexcept;
};

}  // namespace hessopt::kernels
