// Cox's proportional hazards: minus the log of the partial likelihood over the sum of the weights,
// plus a ridge penalty, of linear predictors eta = x'w + offset. There is no intercept, which would
// change nothing.
//
// With the derivatives of the likelihood in the predictors, which risk_sets.hpp has, a gradient is
// one product with X'. The Hessian is the difference of two Gram matrices,
//   X'diag(h)X - sum_k c_k m_k m_k',   m_k: the mean of the rows at risk in proportion to shares,
// whose rows m_k are made in blocks, in time order, and never all of them. As the shares of a risk
// set sum to one, the Hessian is that of X - 1 o' for any o; o is the mean of the columns, about
// which the difference loses least.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "hessopt/objectives/model_of_data.hpp"
#include "hessopt/objectives/recession.hpp"
#include "hessopt/objectives/risk_sets.hpp"

namespace hessopt {

class CoxModel final : public ModelOfData {
 public:
  // `data` without an intercept, and with the times for targets.
  CoxModel(Data data, Survival survival, Ties ties);

  CoxModel every(Index step) const {
    return {data().every(step), survival_->every(step), sets_->ties()};
  }
  // The same under another penalty, one number or one per column.
  CoxModel with_l2(Vector l2) const {
    CoxModel out = *this;
    out.set_l2(std::move(l2));
    return out;
  }

  Index n_parameters() const override { return data().rows.cols(); }
  Evaluation evaluate(ConstVectorRef x, const Request& request) const override;
  double hessian_cost() const override;
  // Also where events are few or strata small.
  bool has_rare_columns() const override;

  const RiskSets& risk_sets() const { return *sets_; }
  const Survival& survival() const { return *survival_; }
  // Of every risk set, the log of what Breslow's estimator of the cumulative hazard at predictors 0
  // rises by there: its events over the sum of its shares.
  Array log_baseline_hazard(ConstVectorRef x) const;

 protected:
  bool takes_up_means() const override { return true; }

 private:
  void add_means(const RiskSets::Point& point, const Vector& origin, double scale,
                 MatrixRef lower) const;

  // Known to all copies.
  std::shared_ptr<const Survival> survival_;
  std::shared_ptr<const RiskSets> sets_;
  double total_;  // of the weights
};

// A direction in which every event has the largest predictor of all at risk, and some a larger one:
// the likelihood then rises without end. Of rows without late entries, with which there is no
// telling.
std::optional<Recession> recession(const CoxModel& model, ConstVectorRef x);

}  // namespace hessopt
