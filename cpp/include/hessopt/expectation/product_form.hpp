// A linear model under dropout of its inputs, in full where the loss is a e^(t eta) + b eta with
// t = 1 or -1: the factors of the exponential are independent, so with p = 1 - rate
//   E e^(t eta) = e^(t (intercept + offset)) prod_j (1 - p + p e^u_j),  u_j = t x_j w_j / p,
// summed in logarithms. Its derivatives are those of a model with tilted rows g_i, (q_j x_j / p,
// 1), where q_j = p e^u_j / (1 - p + p e^u_j): with E_i = a_i E e^(t_i eta_i),
//   gradient  sum_i E_i t_i g_i + b_i (x_i, 1)
//   Hessian   sum_i E_i (g_i g_i' + diag(x_ij^2 q_ij (1 - q_ij) / p^2)).
#pragma once

#include "hessopt/objectives/data.hpp"
#include "hessopt/objectives/objective.hpp"
#include "hessopt/rows/stacked.hpp"

namespace hessopt {

class ProductForm final : public EvaluatedObjective {
 public:
  // Of a loss that has such terms.
  ProductForm(Data data, const AnyLoss& loss, double rate)
      : data_(std::move(data)), terms_(loss.kernel().terms), rate_(rate) {}

  Index n_parameters() const override { return data_.n_parameters_per_output(); }
  bool has_rare_columns() const { return hessopt::has_rare_columns(data_.rows); }
  // Little beside the exponential of every entry.
  double hessian_cost() const {
    if (const auto* rows = sparse_part(data_.rows)) return 1.5 + cost_of_gram(*rows) / 4;
    return 1.5 + static_cast<double>(n_parameters()) / 250;
  }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;

 private:
  struct Partial;
  struct Tilted;

  void tilt(Tilted& out, const Block& rows, Index begin, ConstVectorRef x,
            const Request& request) const;
  void tilt_stored(Tilted& out, const Block& rows, ConstVectorRef x, bool wants_spread) const;
  void set_terms(Tilted& out, Index begin, Index count) const;
  void add(Partial& partial, Tilted& block, const Block& rows, const Request& request) const;

  Data data_;
  decltype(kernels::LossKernel::terms) terms_;
  double rate_;
};

}  // namespace hessopt
