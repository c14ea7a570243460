#include "hessopt/objectives/ordinal_model.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace {

// Sums over rows that thresholds have, one for each.
struct ThresholdSums {
  double value = 0;
  Array slope, diagonal, below;  // below: of each and the one before it

  explicit ThresholdSums(Index n)
      : slope(Array::Zero(n)), diagonal(Array::Zero(n)), below(Array::Zero(n)) {}

  void operator+=(const ThresholdSums& other) {
    value += other.value;
    slope += other.slope;
    diagonal += other.diagonal;
    below += other.below;
  }
  void clear() { *this = ThresholdSums(slope.size()); }
};

}  // namespace

// Of every row, weighted: derivatives in the predictor, and in it and the threshold below or above.
struct OrdinalModel::Rows {
  Array slope, below, above;

  explicit Rows(Index n) : slope(n), below(n), above(n) {}

  // f_eta_theta of threshold k alone.
  Array cross(const Array& target, Index k) const {
    const auto c = static_cast<double>(k);
    return -(target == c).select(above, (target == c + 1).select(below, 0.0));
  }
};

OrdinalModel::OrdinalModel(Data data, Index n_classes, OrdinalLink link)
    : ModelOfData(std::move(data)), classes_(n_classes), link_(link) {
  require(n_classes >= 2, "y", std::to_string(n_classes) + " class(es)", "at least 2 classes");
  std::vector<bool> seen(static_cast<std::size_t>(n_classes));
  for (Index i = 0; i < this->data().target.size(); ++i) {
    const double y = this->data().target[i];
    if (!(y >= 0 && y < static_cast<double>(n_classes) && y == std::floor(y)))
      throw ArgumentError("y", "the target " + text(y), "integer labels 0 .. n_classes - 1");
    if (this->data().weight.size() == 0 || this->data().weight[i] > 0)
      seen[static_cast<std::size_t>(y)] = true;
  }
  for (Index k = 0; k < n_classes; ++k)
    require(seen[static_cast<std::size_t>(k)], "y", "no row of class " + std::to_string(k),
            "a row that weighs of every class 0 .. K - 1");
  if (this->data().offset.size() > 0) require_size("offset", this->data().offset.cols(), 1);
}

double OrdinalModel::hessian_cost() const {
  if (whole() != nullptr) return 1 + cost_of_gram(*whole());
  return 1 + static_cast<double>(classes_) / 2 + static_cast<double>(n_parameters()) / 30;
}

Evaluation OrdinalModel::evaluate(ConstVectorRef x, const Request& request) const {
  const Index n = data().rows.rows(), p = data().rows.cols(), cuts = classes_ - 1;
  Evaluation out(n_parameters(), request);
  const auto theta = x.tail(cuts);
  bool in_order = true;
  for (Index k = 1; k < cuts; ++k) in_order = in_order && theta[k - 1] < theta[k];
  if (!in_order) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    out.value = std::numeric_limits<double>::infinity();
    out.gradient.setConstant(nan);
    out.hessian.setConstant(nan);
    out.products.setConstant(nan);
    return out;
  }
  const Array eta = predictors(x.head(p));
  Rows rows(n);
  ThresholdSums total(cuts);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Cut tasks{n, 4096};
  ordered_reduce(
      tasks.count(), [&] { return ThresholdSums(cuts); },
      [&](ThresholdSums& sums, Index t) {
        poll_interrupt();
        const RowWeights weights = data().weights(0);
        for (Index i = tasks.begin(t); i < tasks.begin(t) + tasks.size(t); ++i) {
          const double w = weights.each == nullptr ? weights.all : weights.each[i] * weights.all;
          rows.slope[i] = rows.below[i] = rows.above[i] = 0;
          if (w == 0) continue;
          const Index k = class_of(i);
          const bool is_first = k == 0, is_last = k == cuts;
          const BetweenAt at = between(link_, is_first ? -infinity : theta[k - 1] - eta[i],
                                       is_last ? infinity : theta[k] - eta[i],
                                       is_first || is_last ? infinity : theta[k] - theta[k - 1]);
          sums.value += w * at.value;
          rows.slope[i] = w * at.slope;
          rows.below[i] = w * at.with_below;
          rows.above[i] = w * at.with_above;
          if (!is_first) {
            sums.slope[k - 1] += w * at.in_below;
            sums.diagonal[k - 1] += w * (at.with_below + at.between);
          }
          if (!is_last) {
            sums.slope[k] += w * at.in_above;
            sums.diagonal[k] += w * (at.with_above + at.between);
          }
          if (!is_first && !is_last) sums.below[k] -= w * at.between;
        }
      },
      [&](ThresholdSums& sums) {
        total += sums;
        sums.clear();
      });
  out.value = total.value;
  const Array& target = data().target;
  if (request.gradient) {
    add_products(rows.slope, out.gradient.head(p));
    out.gradient.tail(cuts) = total.slope;
  }
  const Array curvature = rows.below + rows.above;
  for (Index v = 0; v < request.along.cols(); ++v) {
    const auto along = request.along.col(v);
    const Array z = products_with_rows(along.head(p));
    Array r = curvature * z;
    for (Index i = 0; i < n; ++i) {
      const Index k = class_of(i);
      if (k > 0) r[i] -= rows.below[i] * along[p + k - 1];
      if (k < cuts) r[i] -= rows.above[i] * along[p + k];
    }
    auto product = out.products.col(v);
    add_products(r, product.head(p));
    for (Index k = 0; k < cuts; ++k) {
      product[p + k] += rows.cross(target, k).cwiseProduct(z).sum();
      product[p + k] += total.diagonal[k] * along[p + k];
      if (k > 0) {
        product[p + k] += total.below[k] * along[p + k - 1];
        product[p + k - 1] += total.below[k] * along[p + k];
      }
    }
  }
  if (request.hessian) {
    add_gram_of_rows(curvature, {}, out.hessian.topLeftCorner(p, p));
    for (Index k = 0; k < cuts; ++k) {
      Vector cross = Vector::Zero(p);
      add_products(rows.cross(target, k), cross);
      out.hessian.row(p + k).head(p) += cross.transpose();
      out.hessian(p + k, p + k) += total.diagonal[k];
      if (k > 0) out.hessian(p + k, p + k - 1) += total.below[k];
    }
  }
  out.finish({data().l2, n_parameters()}, x, request);
  return out;
}

}  // namespace hessopt
