#include "hessopt/objectives/data.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "hessopt/core/error.hpp"

namespace hessopt {

RowWeights Data::weights(Index begin) const {
  const double per_sample = 1.0 / static_cast<double>(rows.samples());
  if (weight.size() == 0) return {nullptr, per_sample / static_cast<double>(rows.rows())};
  return {weight.data() + begin, per_sample};
}

Array Data::weights(Index begin, Index count) const {
  const RowWeights w = weights(begin);
  if (w.each == nullptr) return Array::Constant(count, w.all);
  return w.all * Eigen::Map<const Array>(w.each, count);
}

Data Data::with_rows(Rows other) const {
  return {std::move(other), target, weight, offset, l2, intercept};
}

Data Data::part(Rows other, Index begin, Index samples) const {
  const Index m = other.rows();
  require(m >= 1 && m <= rows.rows() && other.cols() == rows.cols(), "X",
          std::to_string(m) + " x " + std::to_string(other.cols()) + " numbers",
          "some of the rows, with all columns");
  require(begin >= 0 && begin <= rows.rows() - m, "begin", std::to_string(begin),
          "the index of a row, with as many from there as X has");
  require(samples >= 1, "n_samples", std::to_string(samples), "an integer >= 1");
  const double copies = static_cast<double>(samples);
  const double share = static_cast<double>(m) / static_cast<double>(rows.rows()) / copies;
  return {std::move(other),
          target.segment(begin, m),
          weights(begin, m) / copies,
          offset.size() > 0 ? RowMatrix(offset.middleRows(begin, m)) : RowMatrix(),
          l2 * share,
          intercept};
}

Data Data::every(Index step) const {
  require(step >= 1, "step", std::to_string(step), "an integer >= 1");
  step = std::min(step, rows.rows());
  const auto stride = Eigen::seqN(0, (rows.rows() + step - 1) / step, step);
  Data out{rows.every(step), target(stride), {}, {}, l2, intercept};
  if (offset.size() > 0) out.offset = offset(stride, Eigen::all);
  if (weight.size() > 0) out.weight = weight(stride);
  if (const double sum = out.weight.sum(); sum > 0)
    out.weight /= sum;
  else
    out.weight.resize(0);  // the sample has missed all that weighs anything
  return out;
}

Vector penalty_of_columns(Vector l2, Index cols) {
  if (l2.size() == 0) l2 = Vector::Zero(1);
  if (l2.size() == 1) l2 = Vector::Constant(cols, l2[0]);
  require_size("l2", l2.size(), cols);
  require(l2.allFinite() && l2.minCoeff() >= 0, "l2", std::to_string(l2.minCoeff()),
          "finite numbers >= 0");
  return l2;
}

Data make_data(Rows rows, Array target, DataOptions options) {
  auto& [weight, offset, l2, intercept] = options;
  require(rows.rows() > 0 && rows.cols() > 0, "X", "no data", "at least one row and one column");
  require_size("y", target.size(), rows.rows());
  l2 = penalty_of_columns(std::move(l2), rows.cols());
  if (weight.size() > 0) {
    require_size("sample_weight", weight.size(), rows.rows());
    require(weight.minCoeff() >= 0 && weight.allFinite(), "sample_weight",
            "a negative or non-finite weight", "finite weights >= 0");
    const double sum = weight.sum();
    require(sum > 0, "sample_weight", "weights that sum to zero", "at least one weight > 0");
    weight /= sum;
  }
  if (offset.size() > 0) {
    require_size("offset", offset.rows(), rows.rows());
    require(offset.allFinite(), "offset", "a non-finite number", "finite numbers");
  }
  return {std::move(rows),   std::move(target), std::move(weight),
          std::move(offset), std::move(l2),     intercept};
}

}  // namespace hessopt
