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

// The largest numbers of many: of n, those that may belong to a tail of them, or of more to come.
class UpperTail {
 public:
  // Not a number that is less than all that are kept, nor NaN, which has no place in an order.
  void add(double x) {
    if (x >= least_) kept_.push_back(x);
  }
  // Twice what a tail has now: what it will have later has more numbers to come from.
  void trim(Index n) {
    const auto most = static_cast<std::ptrdiff_t>(2 * length(n) + 64);
    if (static_cast<std::ptrdiff_t>(kept_.size()) <= most) return;
    std::nth_element(kept_.begin(), kept_.begin() + most - 1, kept_.end(), std::greater<>());
    kept_.resize(static_cast<std::size_t>(most));
    least_ = kept_.back();
  }
  // The Pareto shape: 3 sqrt(n) of n numbers, at most a fifth. Minus infinity where fewer than ten
  // of them are beyond the next one.
  double shape(Index n) const {
    const double none = -std::numeric_limits<double>::infinity();
    Array x = Eigen::Map<const Array>(kept_.data(), static_cast<Index>(kept_.size()));
    std::sort(x.begin(), x.end());
    const Index before = x.size() - length(n) - 1;
    if (before < 0 || !std::isfinite(x[x.size() - 1])) return none;
    const Array beyond = x.tail(length(n)) - x[before];
    const Index count = (beyond > 0).count();
    return count < 10 ? none : pareto_shape(beyond.tail(count));
  }

 private:
  static Index length(Index n) {
    return std::min(n / 5, static_cast<Index>(3 * std::sqrt(static_cast<double>(n))));
  }
  std::vector<double> kept_;
  double least_ = -std::numeric_limits<double>::infinity();
};

// Of samples that come in independent groups, as those of RunningMoments do; what is said is said
// of the means of groups.
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
    const Cut cut{size(), 64};
    const Index share = 1 + 8192 / (1 + f.rows());
    parallel_for(cut.count(), [&](Index i) { add_columns(f, cut.begin(i), cut.size(i)); }, share);
    count_ += f.rows() / group_;
  }
  // By how much the variance of the mean grows as the mean does, in the exponential family through
  // the law: third central moment over variance, divided by the number of groups.
  Vector tilt() const {
    return (second_ > 0).select(third_ / second_, 0.0).abs() / static_cast<double>(count_);
  }
  // The larger shape of the two tails.
  Vector shape() const {
    Vector out(size());
    parallel_for(
        size(),
        [&](Index j) {
          const auto k = static_cast<std::size_t>(j);
          out[j] = std::max(upper_[k].shape(count_), lower_[k].shape(count_));
        },
        16);
    return out;
  }

 private:
  void add_columns(const Eigen::Ref<const RowMatrix>& f, Index begin, Index size) {
    auto mean = mean_.segment(begin, size), second = second_.segment(begin, size),
         third = third_.segment(begin, size);
    const Index groups = f.rows() / group_;
    Array unit(size), step(size), rest(size);
    for (Index i = 0; i < groups; ++i) {
      const Index n = count_ + i + 1;
      unit = f.block(i * group_, begin, group_, size).colwise().mean();
      step = (unit - mean) / static_cast<double>(n);
      mean += step;
      rest = unit - mean;
      third += rest * ((rest + step) * (rest - step)) - 3.0 * step * second;
      second += rest * (rest + step);
      for (Index j = 0; j < size; ++j) {
        const auto k = static_cast<std::size_t>(begin + j);
        upper_[k].add(unit[j]);
        lower_[k].add(-unit[j]);
        if (n % 256 == 0 || i + 1 == groups) {
          upper_[k].trim(n);
          lower_[k].trim(n);
        }
      }
    }
  }

  Index group_;
  Array mean_, second_, third_;
  std::vector<UpperTail> upper_, lower_;
  Index count_ = 0;
};

}  // namespace hessopt
