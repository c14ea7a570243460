// The weighted mean of every column of X and its deviation from it: the units in which a model is
// well scaled, whatever those of X are.
//
// Columns are counted from their first row, each block in two looks while it lies in cache, and
// blocks are merged as T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample
// variance", Amer. Statist. 37 (1983). No digit is lost however far from zero a column lies, and
// what is kept is a root, which does not leave the range of numbers.
#pragma once

#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/objectives/data.hpp"

namespace hessopt {

struct ColumnMoments {
  Vector mean;   // zero without an intercept, which is what takes up a mean
  Vector scale;  // root mean square distance from there
};

namespace detail {

// Of rows counted from `origin`.
class MomentSums {
 public:
  MomentSums(Array origin, bool centred)
      : origin_(std::move(origin)),
        mean_(Array::Zero(origin_.size())),
        root_(mean_),
        centred_(centred) {}

  template <Real T>
  void add_block(const RowBlock<T>& x, const Array& weight) {
    const double sum = weight.sum();
    if (sum == 0) return;
    const auto row = [&](Index i) {
      return x.row(i).template cast<double>().transpose().array() - origin_;
    };
    Array mean = Array::Zero(origin_.size()), squares = mean;
    for (Index i = 0; centred_ && i < x.rows(); ++i)
      if (weight[i] > 0) mean += weight[i] / sum * row(i);
    for (Index i = 0; i < x.rows(); ++i)
      if (weight[i] > 0) squares += weight[i] * (row(i) - mean).square();
    for (Index j = 0; j < origin_.size(); ++j)
      squares[j] = root_of_squares(squares[j], [&]() -> Vector {
        const Array column = x.col(j).template cast<double>().array() - (origin_[j] + mean[j]);
        return (weight > 0).select(column, 0.0) * weight.sqrt();
      });
    merge(sum, mean, squares);
  }
  void operator+=(const MomentSums& other) { merge(other.weight_, other.mean_, other.root_); }
  void clear() {
    weight_ = 0;
    mean_.setZero();
    root_.setZero();
  }

  ColumnMoments moments() const {
    ColumnMoments out{origin_ + mean_, root_ / std::sqrt(weight_)};
    // A constant, or one but for its last digits, has no unit but itself.
    for (Index j = 0; j < origin_.size(); ++j)
      if (const double size = std::abs(out.mean[j]); !(out.scale[j] > 0x1p-50 * size))
        out.scale[j] = size > 0 ? size : 1;
    return out;
  }

 private:
  void merge(double weight, const Array& mean, const Array& root) {
    if (weight == 0) return;
    const double sum = weight_ + weight, share = weight / sum;
    const Array step = mean - mean_;
    const double apart = std::sqrt(weight_ * share);
    for (Index j = 0; j < step.size(); ++j)
      root_[j] = std::hypot(std::hypot(root_[j], root[j]), apart * step[j]);
    mean_ += share * step;
    weight_ = sum;
  }

  Array origin_;
  double weight_ = 0;
  Array mean_, root_;  // root of the weighted sum of squares about the mean
  bool centred_;
};

}  // namespace detail

template <RowSource Rows>
ColumnMoments column_moments(const Data<Rows>& data) {
  const Index cols = data.rows.cols();
  Array origin = Array::Zero(cols);
  if (data.intercept) {
    Index first = 0;
    while (first + 1 < data.rows.rows() && data.weights(first, 1)[0] == 0) ++first;
    RowBuffer buffer;
    std::visit(
        [&](const auto& x) { origin = x.row(0).template cast<double>().transpose().array(); },
        data.rows.block(first, 1, 0, buffer));
  }
  using Sums = detail::MomentSums;
  return sum_over_rows(data.rows, data.intercept, rows_per_block(cols),
                       Sums(origin, data.intercept),
                       [&](Sums& partial, const AffineRows& rows, Index begin) {
                         const Array weight = data.weights(begin, rows.rows());
                         std::visit([&](const auto& x) { partial.add_block(x, weight); }, rows.x);
                       })
      .moments();
}

// Found when they are first asked for, and then known to all copies of a model.
class KnownMoments {
 public:
  template <RowSource Rows>
  const ColumnMoments& of(const Data<Rows>& data) const {
    const std::scoped_lock lock(known_->mutex);
    if (!known_->moments) known_->moments = column_moments(data);
    return *known_->moments;
  }

 private:
  struct Known {
    std::mutex mutex;
    std::optional<ColumnMoments> moments;
  };
  std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace hessopt
