// Streaming sums: of values with given probabilities, and of samples with their standard error.
#pragma once

#include <cmath>
#include <limits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// sum_i p_i f_i for vectors f_i, compensated, so that 2^20 terms cost no digits.
// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54
// (1974).
class WeightedSum {
 public:
  explicit WeightedSum(Index size) : sum_(Array::Zero(size)), lost_(Array::Zero(size)) {}

  Index size() const { return sum_.size(); }
  // A row of f per weight.
  void add(ConstVectorRef weight, const Eigen::Ref<const RowMatrix>& f) {
    for (Index i = 0; i < f.rows(); ++i)
      for (Index j = 0; j < size(); ++j) {
        const double term = weight[i] * f(i, j), sum = sum_[j] + term;
        lost_[j] +=
            std::abs(sum_[j]) >= std::abs(term) ? (sum_[j] - sum) + term : (term - sum) + sum_[j];
        sum_[j] = sum;
      }
  }
  Vector value() const { return sum_ + lost_; }

 private:
  Array sum_, lost_;
};

// Mean and standard error of independent samples, in one pass.
// B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
// Technometrics 4 (1962).
class RunningMoments {
 public:
  explicit RunningMoments(Index size) : mean_(Array::Zero(size)), squares_(Array::Zero(size)) {}

  Index size() const { return mean_.size(); }
  Index count() const { return count_; }
  void add(const Eigen::Ref<const RowMatrix>& f) {
    for (Index i = 0; i < f.rows(); ++i) {
      ++count_;
      const Array change = f.row(i).transpose().array() - mean_;
      mean_ += change / static_cast<double>(count_);
      squares_ += change * (f.row(i).transpose().array() - mean_);
    }
  }
  Vector mean() const { return mean_; }
  Vector standard_error() const {
    if (count_ < 2) return Vector::Constant(size(), std::numeric_limits<double>::quiet_NaN());
    const double n = static_cast<double>(count_);
    return (squares_ / (n * (n - 1))).sqrt();
  }

 private:
  Array mean_, squares_;
  Index count_ = 0;
};

}  // namespace hessopt
