// How far the mean of samples rests on few of them: the skewness of their law, and the shape of its
// tails.
#pragma once

#include <limits>
#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

// The largest numbers of many: of n, those that may belong to a tail of them, or of more to come.
class UpperTail {
 public:
  // Not a number that is less than all that are kept, nor NaN, which has no place in an order.
  void add(double x) {
    if (x >= least_) kept_.push_back(x);
  }
  // Twice what a tail has now: what it will have later has more numbers to come from.
  void trim(Index n);
  // The Pareto shape: 3 sqrt(n) of n numbers, at most a fifth. Minus infinity where fewer than ten
  // of them are beyond the next one.
  double shape(Index n) const;

 private:
  std::vector<double> kept_;
  double least_ = -std::numeric_limits<double>::infinity();
};

// Of samples that come in independent groups, as those of RunningMoments do; what is said is said
// of the means of groups.
class Tails {
 public:
  explicit Tails(Index size, Index group = 1);

  Index size() const { return mean_.size(); }
  // A row per sample, whole groups.
  void add(const Eigen::Ref<const RowMatrix>& f);
  // By how much the variance of the mean grows as the mean does, in the exponential family through
  // the law: third central moment over variance, divided by the number of groups.
  Vector tilt() const;
  // The larger shape of the two tails.
  Vector shape() const;

 private:
  void add_columns(const Eigen::Ref<const RowMatrix>& f, Index begin, Index size);

  Index group_;
  Array mean_, second_, third_;
  std::vector<UpperTail> upper_, lower_;
  Index count_ = 0;
};

}  // namespace hessopt
