// A linear model with the noise of its inputs integrated out:
//   f(w, b) = sum_i weight_i F(mu_i, s_i^2) + penalty,
// F the marginal loss, a function of mean and variance of the predictor. With X including the
// intercept's ones, S and V = 2 S diag(w) of predictor_variance.hpp
//   gradient  X'F_mu + V'F_s
//   Hessian   X'diag(F_mumu)X + X'diag(F_mus)V + V'diag(F_mus)X + V'diag(F_ss)V + 2 diag(S'F_s).
#pragma once

#include "hessopt/expectation/any_marginal.hpp"
#include "hessopt/expectation/predictor_variance.hpp"
#include "hessopt/objectives/data.hpp"
#include "hessopt/objectives/objective.hpp"
#include "hessopt/rows/stacked.hpp"

namespace hessopt {

class ClosedForm final : public EvaluatedObjective {
 public:
  ClosedForm(Data data, AnyMarginal marginal, const Noise& noise)
      : data_(std::move(data)), marginal_(std::move(marginal)), variance_(noise) {}

  Index n_parameters() const override { return data_.n_parameters_per_output(); }
  bool has_rare_columns() const { return hessopt::has_rare_columns(data_.rows); }
  double hessian_cost() const {
    if (const auto* rows = sparse_part(data_.rows)) return 1 + 2 * cost_of_gram(*rows);
    return 1 + static_cast<double>(n_parameters()) / 30;
  }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  struct Point;
  struct Partial;
  // Columns of the derivatives of a block.
  enum { mean, variance, mean_mean, mean_variance, variance_variance };

  void add_slices(Partial& partial, const Block& block, Index begin, const Point& at,
                  const Request& request, Matrix& derivatives) const;
  void add_hessian(MatrixRef h, const Block& rows, ConstVectorRef x, const Request& request,
                   const Matrix& derivatives) const;
  void add_stored(MatrixRef h, const Block& rows, const Vector& slope, const Matrix& axes) const;
  void add_low_rank(MatrixRef h, const Block& rows, ConstVectorRef x, const Request& request,
                    const Matrix& derivatives) const;
  Evaluation finish(Partial& partial, ConstVectorRef x, const Request& request) const;

  Data data_;
  AnyMarginal marginal_;
  VarianceFactor variance_;
};

}  // namespace hessopt
