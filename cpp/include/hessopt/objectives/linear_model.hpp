// The weighted mean of a pointwise loss of a linear predictor, plus a ridge penalty:
//   f(w, b) = sum_i weight_i l(x_i'w + b + offset_i, y_i) + sum_j l2_j w_j^2 / 2,
// parameters (w, b), b last.
#pragma once

#include <memory>
#include <mutex>

#include "hessopt/objectives/model_of_rows.hpp"

namespace hessopt {

// Of every row, w_i l_i' and w_i l_i'', w_i being its weight in the mean.
struct RowDerivatives {
  Array first, second;
};

class LinearModel final : public ModelOfRows {
 public:
  LinearModel(AnyLoss loss, Data data);

  const AnyLoss& loss() const { return loss_; }
  LinearModel with_data(Data other) const { return {loss_, std::move(other)}; }
  // The same under another penalty, one number or one per column.
  LinearModel with_l2(Vector l2) const {
    LinearModel out = *this;
    out.set_l2(std::move(l2));
    return out;
  }
  LinearModel every(Index step) const { return {loss_, data().every(step)}; }

  Index n_outputs() const override { return 1; }
  Index block_rows(const Request& request) const override;
  void add_block(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                 const Request& request) const override;
  void add_whole(Evaluation& sum, const WholeRows& rows, ConstVectorRef x,
                 const Request& request) const override;
  void complete(Matrix& /*hessian*/) const override {}
  Matrix slopes(ConstVectorRef x) const override;
  RowDerivatives row_derivatives(ConstVectorRef x) const;
  std::unique_ptr<const ModelOfRows> part(Rows rows, Index begin) const override {
    return std::make_unique<LinearModel>(with_data(data().part(std::move(rows), begin, 1)));
  }
  // Evaluations of value and gradient wait for memory, the Hessian for multiply-adds. Measured with
  // AVX2: 3 at 50 columns, 9 at 300, 30 at 1000. Sparse rows: see cost_of_gram.
  double hessian_cost() const override;

 private:
  void add_slices(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                  const Request& request, double* curvature) const;

  // What the last pass over whole rows found at x, for the products that follow: one call at a
  // time, others go without.
  struct Found {
    std::mutex mutex;
    Vector x;  // empty: nothing
    double value = 0;
    Array second;  // derivatives of every loss, weighted
  };

  AnyLoss loss_;
  std::shared_ptr<Found> found_ = std::make_shared<Found>();  // copies have the same data
};

}  // namespace hessopt
