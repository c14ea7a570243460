#include "hessopt/networks/network_data.hpp"

#include <string>
#include <utility>

#include "hessopt/core/error.hpp"

namespace hessopt {

NetworkData::NetworkData(DenseRows x, Matrix target, Array weight, const OutputLoss& loss)
    : x_(std::move(x)), target_(std::move(target)), weight_(std::move(weight)) {
  require(x_.rows() > 0 && x_.cols() > 0, "X", "no data", "at least one row and one column");
  require_size("y", target_.rows(), x_.rows());
  require(target_.cols() == loss.target_cols(), "y", std::to_string(target_.cols()) + " columns",
          loss.of_classes() ? "labels alone" : "a column for each unit of the last layer");
  for (const double y : target_.reshaped())
    require(loss.accepts(y), "y", "the target " + text(y), loss.target());
  if (weight_.size() == 0) return;
  require_size("sample_weight", weight_.size(), x_.rows());
  require(weight_.allFinite() && weight_.minCoeff() >= 0, "sample_weight",
          "a negative or non-finite weight", "finite weights >= 0");
  const double sum = weight_.sum();
  require(sum > 0, "sample_weight", "weights that sum to zero", "at least one weight > 0");
  weight_ /= sum;
}

NetworkData NetworkData::batch(const std::vector<Index>& rows) const {
  require(!rows.empty(), "rows", "none", "at least one row");
  for (const Index i : rows)
    require(i >= 0 && i < this->rows(), "rows", "the row " + std::to_string(i),
            "indices of rows, 0 .. n_rows - 1");
  NetworkData out = *this;
  out.some_ = true;
  out.chosen_.clear();
  for (const Index i : rows) out.chosen_.push_back(row(i));
  out.target_ = target_(rows, Eigen::all);
  if (weight_.size() == 0) return out;
  out.weight_ = weight_(rows);
  if (const double sum = out.weight_.sum(); sum > 0)
    out.weight_ /= sum;
  else
    out.weight_.resize(0);  // the batch has missed all that weighs anything
  return out;
}

NetworkData NetworkData::every(Index step) const {
  require(step >= 1, "step", std::to_string(step), "an integer >= 1");
  std::vector<Index> rows;
  for (Index i = 0; i < this->rows(); i += step) rows.push_back(i);
  return batch(rows);
}

}  // namespace hessopt
