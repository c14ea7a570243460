// How far the mean of samples rests on few of them: the skewness of their law, and the shape of its
// tails.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

// The shape k of the generalised Pareto law, of density (1 + k x / s)^(-1/k - 1) / s, of numbers
// x > 0 in ascending order: moments of order 1/k and above do not exist. It is drawn to 1/2 as by
// ten more numbers.
// J. Zhang, M. A. Stephens, "A new and efficient estimation method for the generalized Pareto
// distribution", Technometrics 51 (2009); A. Vehtari et al., "Pareto smoothed importance sampling",
// JMLR 25 (2024), for the ten.
inline double pareto_shape(const Eigen::Ref<const Array>& x) {
  const Index n = x.size(), m = 30 + static_cast<Index>(std::sqrt(static_cast<double>(n)));
  const double count = static_cast<double>(n), quartile = x[(n + 2) / 4 - 1], most = x[n - 1];
  const auto shape = [&](double theta) { return (-theta * x).log1p().mean(); };
  Array theta(m), likelihood(m);
  for (Index j = 0; j < m; ++j) {
    const double part = static_cast<double>(m) / (static_cast<double>(j) + 0.5);
    theta[j] = 1 / most + (1 - std::sqrt(part)) / (3 * quartile);
    const double k = shape(theta[j]);
    likelihood[j] = count * (std::log(-theta[j] / k) - k - 1);
  }
  const Array weight = (likelihood - likelihood.maxCoeff()).exp();
  return (count * shape((weight * theta).sum() / weight.sum()) + 5) / (count + 10);
}

// Of samples that come in independent groups, as those of RunningMoments do; what is said is said
// of the means of groups. Of each component the numbers that may belong to a tail are kept.
class Tails {
 public:
  explicit Tails(Index size, Index group = 1)
      : group_(group),
        mean_(Array::Zero(size)),
        second_(mean_),
        third_(mean_),
        upper_(static_cast<std::size_t>(size)),
        lower_(upper_) {}

  Index size() const { return mean_.size(); }
  // A row per sample, whole groups.
  void add(const Eigen::Ref<const RowMatrix>& f) {
    require(f.rows() % group_ == 0, "f", std::to_string(f.rows()) + " rows", "whole groups");
    require_size("f", f.cols(), size());
    const Index groups = f.rows() / group_;
    RowMatrix means(groups, size());
    for (Index i = 0; i < groups; ++i)
      means.row(i) = f.middleRows(i * group_, group_).colwise().mean();
    parallel_for(size(), [&](Index j) { add_column(means.col(j), j); }, 1 + 4096 / (1 + groups));
    count_ += groups;
  }
  // By how much the variance of the mean grows as the mean does, in the exponential family through
  // the law: third central moment over variance, divided by the number of groups.
  Vector tilt() const {
    return (second_ > 0).select(third_ / second_, 0.0).abs() / static_cast<double>(count_);
  }
  // The larger Pareto shape of the two tails: 3 sqrt(n) of n numbers, at most a fifth. Minus
  // infinity where fewer than `fewest` of them are beyond the next one.
  Vector shape() const {
    Vector out(size());
    parallel_for(
        size(),
        [&](Index j) {
          const auto k = static_cast<std::size_t>(j);
          out[j] = std::max(tail_shape(upper_[k]), tail_shape(lower_[k]));
        },
        16);
    return out;
  }

 private:
  static constexpr Index fewest = 10;
  using Numbers = std::vector<double>;

  static Index tail_length(Index n) {
    return std::min(n / 5, static_cast<Index>(3 * std::sqrt(static_cast<double>(n))));
  }
  template <class Column>
  void add_column(const Column& x, Index j) {
    double n = static_cast<double>(count_);
    Numbers& upper = upper_[static_cast<std::size_t>(j)];
    Numbers& lower = lower_[static_cast<std::size_t>(j)];
    for (Index i = 0; i < x.size(); ++i) {
      const double change = x[i] - mean_[j], step = change / (n += 1.0);
      mean_[j] += step;
      const double rest = x[i] - mean_[j];
      third_[j] += change * rest * (rest - step) - 3 * step * second_[j];
      second_[j] += change * rest;
      if (std::isnan(x[i])) continue;  // which has no place in an order
      upper.push_back(x[i]);
      lower.push_back(-x[i]);
    }
    trim(upper, count_ + x.size());
    trim(lower, count_ + x.size());
  }
  // Twice what a tail has now: what it will have later has more of the samples to come from.
  static void trim(Numbers& x, Index n) {
    const auto most = static_cast<std::size_t>(2 * tail_length(n) + 64);
    if (x.size() <= most) return;
    std::nth_element(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(most), x.end(),
                     std::greater<>());
    x.resize(most);
  }
  double tail_shape(Numbers x) const {
    const auto length = static_cast<std::size_t>(tail_length(count_));
    std::sort(x.begin(), x.end(), std::greater<>());
    if (x.size() <= length) return -std::numeric_limits<double>::infinity();
    Array beyond = Eigen::Map<const Array>(x.data(), static_cast<Index>(length)) - x[length];
    const Index count = (beyond > 0).count();
    if (count < fewest || !std::isfinite(beyond[0]))
      return -std::numeric_limits<double>::infinity();
    beyond = beyond.head(count).reverse().eval();
    return pareto_shape(beyond);
  }

  Index group_;
  Array mean_, second_, third_;
  std::vector<Numbers> upper_, lower_;
  Index count_ = 0;
};

}  // namespace hessopt
