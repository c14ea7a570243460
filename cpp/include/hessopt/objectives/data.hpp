// What a model is fitted to: rows, a target per row, a weight per row that sums to one, a penalty.
#pragma once

#include "hessopt/core/error.hpp"
#include "hessopt/objectives/dense_rows.hpp"
#include "hessopt/objectives/penalty.hpp"

namespace hessopt {

template <RowSource Rows>
struct Data {
  Rows rows;
  Array target;
  Array weight;  // normalised; empty when all rows weigh the same
  double l2 = 0;
  bool intercept = true;

  Index n_parameters_per_output() const { return rows.cols() + (intercept ? 1 : 0); }
  Ridge penalty() const { return {l2, rows.cols(), n_parameters_per_output()}; }

  // Weights of a block of rows in the mean over rows and over samples.
  Array weights(Index begin, Index count) const {
    const double per_sample = 1.0 / static_cast<double>(rows.samples());
    if (weight.size() == 0)
      return Array::Constant(count, per_sample / static_cast<double>(rows.rows()));
    return per_sample * weight.segment(begin, count);
  }

  // The same data with its rows drawn from another source.
  template <RowSource Other>
  Data<Other> with_rows(Other other) const {
    return {std::move(other), target, weight, l2, intercept};
  }
};

// Checks and normalises. `sample_weight` may be empty.
template <RowSource Rows>
Data<Rows> make_data(Rows rows, Array target, Array sample_weight, double l2, bool intercept) {
  require(rows.rows() > 0 && rows.cols() > 0, "X", "no data", "at least one row and one column");
  require_size("y", target.size(), rows.rows());
  require(std::isfinite(l2) && l2 >= 0, "l2", std::to_string(l2), "a finite number >= 0");
  if (sample_weight.size() > 0) {
    require_size("sample_weight", sample_weight.size(), rows.rows());
    require(sample_weight.minCoeff() >= 0 && sample_weight.allFinite(), "sample_weight",
            "a negative or non-finite weight", "finite weights >= 0");
    const double sum = sample_weight.sum();
    require(sum > 0, "sample_weight", "weights that sum to zero", "at least one weight > 0");
    sample_weight /= sum;
  }
  return {std::move(rows), std::move(target), std::move(sample_weight), l2, intercept};
}

}  // namespace hessopt
