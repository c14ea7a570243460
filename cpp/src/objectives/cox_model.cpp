#include "hessopt/objectives/cox_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/gram.hpp"

namespace hessopt {
namespace {

// Rows of a weighted Gram matrix, which are added to it a few thousand at a time.
class GramRows {
 public:
  GramRows(Index cols, MatrixRef lower)
      : rows_(std::max<Index>(256, 524288 / std::max<Index>(cols, 1)), cols),
        weight_(rows_.rows()),
        lower_(lower) {}

  void add(const Vector& row, double scale, double weight) {
    if (used_ == rows_.rows()) flush();
    rows_.row(used_) = scale * row.transpose();
    weight_[used_++] = weight;
  }
  void flush() {
    const MatrixView<double> rows = view_of(rows_).middle_rows(0, used_);
    if (used_ > 0) add_weighted_gram(rows, VectorView<double>{weight_.data(), used_}, lower_);
    used_ = 0;
  }

 private:
  RowMatrix rows_;
  Array weight_;
  MatrixRef lower_;
  Index used_ = 0;
};

}  // namespace

CoxModel::CoxModel(Data data, Survival survival, Ties ties)
    : ModelOfData(std::move(data)),
      survival_(std::make_shared<Survival>(std::move(survival))),
      sets_(std::make_shared<RiskSets>(*survival_, ties)),
      total_(survival_->weight.size() > 0 ? survival_->weight.sum()
                                          : static_cast<double>(survival_->time.size())) {
  const Stack* stack = this->data().rows.stack();
  require(stack == nullptr || !stack->loaded(), "X", "blocks that are loaded one at a time",
          "an array or a list of blocks: rows are read in the order of their times");
  require_size("time", survival_->time.size(), this->data().rows.rows());
  if (this->data().offset.size() > 0) require_size("offset", this->data().offset.cols(), 1);
}

double CoxModel::hessian_cost() const {
  if (whole() != nullptr) return 1 + 2 * cost_of_gram(*whole());
  const auto events = static_cast<double>(sets_->risk_sets().size());
  const double share = events / static_cast<double>(data().rows.rows());
  return 2 + (1 + share) * static_cast<double>(n_parameters()) / 30;
}

bool CoxModel::has_rare_columns() const {
  constexpr Index rare = 10;  // rows an event
  return ModelOfData::has_rare_columns() || !survival_->stratum.empty() ||
         rare * std::ranges::count(survival_->event, true) < data().rows.rows();
}

Evaluation CoxModel::evaluate(ConstVectorRef x, const Request& request) const {
  Evaluation out(n_parameters(), request);
  const double scale = total_ > 0 ? 1 / total_ : 0;
  const Array eta = predictors(x);
  const RiskSets::Point point = sets_->at(eta);
  out.value = scale * sets_->value(point, eta);
  if (request.gradient || request.residual) {
    const Array slopes = sets_->slopes(point);
    if (request.gradient) add_products(scale * slopes, out.gradient);
    if (request.residual) {
      out.residual.resize(1);
      for (Index i = 0; i < slopes.size(); ++i)
        if (const double w = sets_->weight(i); w > 0)
          out.residual[0].add_square_of(slopes[i] * std::sqrt(scale / w));
    }
  }
  if (request.hessian || request.along.cols() > 0) {
    const Array diagonal = sets_->diagonal(point);
    for (Index k = 0; k < request.along.cols(); ++k) {
      Array z = products_with_rows(request.along.col(k));
      z -= z.mean();  // which changes nothing, and leaves less to subtract
      add_products(scale * sets_->product(point, diagonal, z), out.products.col(k));
    }
    if (request.hessian) {
      const Vector& origin = column_moments().mean;
      add_gram_of_rows(scale * diagonal, origin, out.hessian);
      add_means(point, origin, scale, out.hessian);
    }
  }
  out.finish(data().penalty(), x, request);
  return out;
}

// lower -= scale sum_k c_k m_k m_k'. Of Efron's terms for one time, m = (r + a u) / S with the sums
// r of the others' rows and u of the events', there are as many as events, all in the plane of r
// and u: two rows have the same sum,
//   sum c m m' = k (r + b u)(r + b u)' + l u u',  k = sum c / S^2, b the mean of a, l its variance.
void CoxModel::add_means(const RiskSets::Point& point, const Vector& origin, double scale,
                         MatrixRef lower) const {
  const Index cols = data().rows.cols();
  GramRows means(cols, lower);
  std::vector<Vector> forks;
  Vector sum = Vector::Zero(cols), tied(cols);
  RowBuffer room;
  RowMatrix buffer;
  const auto add = [&](Index begin, Index end, Vector& to) {
    for (Index l = begin; l < end; ++l) {
      const Block row = data().rows.block(sets_->row(l), 1, 0, false, room);
      to += point.share[l] * (row.wide(buffer).row(0).transpose() - origin);
    }
  };
  const auto& nodes = sets_->nodes();
  for (Index k = 0; k < static_cast<Index>(nodes.size()); ++k) {
    poll_interrupt();
    const RiskSets::Node& node = nodes[static_cast<std::size_t>(k)];
    if (node.parent < 0) {
      sum.setZero();
    } else {
      if (node.parent != k - 1) {
        sum = std::move(forks.back());
        forks.pop_back();
      }
      if (const double factor = sets_->factor(point, k); factor != 1) sum *= factor;
    }
    add(node.begin, node.tied, sum);
    if (node.is_risk_set()) {
      tied.setZero();
      add(node.tied, node.end, tied);
      const RiskSets::Terms& terms = point.terms[static_cast<std::size_t>(k)];
      const double unit = terms.inverse(0);
      double weight = 0, mean = 0, spread = 0;
      for (Index l = 0; l < terms.count; ++l) {  // Welford's sums
        const double ratio = terms.inverse(l) / unit, w = terms.c * ratio * ratio;
        const double change = terms.a(l) - mean;
        weight += w;
        mean += change * w / weight;
        spread += w * change * (terms.a(l) - mean);
      }
      sum += mean * tied;
      means.add(sum, unit, -scale * weight);
      if (terms.count > 1) means.add(tied, unit, -scale * spread);
      sum += (1 - mean) * tied;
    }
    if (node.has_children_apart) forks.push_back(sum);
  }
  means.flush();
}

Array CoxModel::log_baseline_hazard(ConstVectorRef x) const {
  const RiskSets::Point point = sets_->at(predictors(x));
  Array out(static_cast<Index>(sets_->risk_sets().size()));
  for (Index i = 0; i < out.size(); ++i) {
    const Index k = sets_->risk_sets()[static_cast<std::size_t>(i)];
    const RiskSets::Terms& terms = point.terms[static_cast<std::size_t>(k)];
    out[i] = std::log(terms.c * static_cast<double>(terms.count) / (terms.rest + terms.tied)) -
             point.top[k];
  }
  return out;
}

// Of nested risk sets, every event's predictor is the largest where it is no less than those of the
// rows that join with it and of the events before: as many differences of rows as there are rows,
// which a logistic loss falls along where they are positive.
std::optional<Recession> recession(const CoxModel& model, ConstVectorRef x) {
  constexpr double far = 4, most_numbers = 2e7;
  const Data& data = model.data();
  const RiskSets& sets = model.risk_sets();
  const Index p = model.n_parameters();
  if (data.l2.minCoeff() > 0) return std::nullopt;
  const auto& nodes = sets.nodes();
  for (const auto& node : nodes)
    if (node.has_children_apart) return std::nullopt;
  // Pairs (larger, smaller) of rows.
  std::vector<std::pair<Index, Index>> pairs;
  for (const auto& node : nodes) {
    const Index top = sets.row(node.tied);
    for (Index l = node.begin; l < node.tied; ++l) pairs.emplace_back(top, sets.row(l));
    for (Index l = node.tied + 1; l < node.end; ++l) {
      pairs.emplace_back(top, sets.row(l));
      pairs.emplace_back(sets.row(l), top);
    }
    if (node.parent >= 0)
      pairs.emplace_back(top, sets.row(nodes[static_cast<std::size_t>(node.parent)].tied));
  }
  const Array eta = model.predictors(x);
  double most = 0;
  for (const auto& [larger, smaller] : pairs) most = std::max(most, eta[larger] - eta[smaller]);
  const auto count = static_cast<Index>(pairs.size());
  if (!(most > far) || static_cast<double>(count) * static_cast<double>(p) > most_numbers)
    return std::nullopt;
  RowMatrix differences(count, p);
  RowBuffer room;
  RowMatrix buffer;
  for (Index i = 0; i < count; ++i) {
    const auto [larger, smaller] = pairs[static_cast<std::size_t>(i)];
    differences.row(i) = data.rows.block(larger, 1, 0, false, room).wide(buffer).row(0);
    differences.row(i) -= data.rows.block(smaller, 1, 0, false, room).wide(buffer).row(0);
  }
  const LinearModel order(AnyLoss("Logistic"),
                          make_data(DenseRows(view_of(differences)), Array::Ones(count),
                                    {.l2 = data.l2, .intercept = false}));
  return recession(order, x);
}

}  // namespace hessopt
