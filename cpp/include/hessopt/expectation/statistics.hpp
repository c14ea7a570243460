// Streaming sums: of values with given probabilities, and of samples with their standard errors.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// sum_i p_i f_i for vectors f_i, compensated, so that 2^20 terms cost no digits.
// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54
// (1974).
class WeightedSum {
 public:
  explicit WeightedSum(Index size);

  Index size() const { return sum_.size(); }
  // A row of f per weight.
  void add(ConstVectorRef weight, const Eigen::Ref<const RowMatrix>& f);
  Vector value() const { return sum_ + lost_; }

 private:
  Array sum_, lost_;
};

// Mean, variance and standard error of samples of vectors, in one pass and O(1) memory a component.
// Samples come in groups of `group`, independent of each other but not within themselves (2 are an
// antithetic pair, 1 is a plain sample). With u the mean of a group,
//   sum (x - mean)^2 = group sum (u - mean)^2 + sum (x - u)^2,
// and the standard error of the mean knows of the groups alone.
// B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
// Technometrics 4 (1962).
class RunningMoments {
 public:
  explicit RunningMoments(Index size, Index group = 1);

  Index size() const { return mean_.size(); }
  Index count() const { return count_; }
  // A row per sample, whole groups. Components are shared out among threads, samples never are: the
  // sums are the same for any number of threads and however the samples are split into calls.
  void add(const Eigen::Ref<const RowMatrix>& f);
  Vector mean() const { return mean_; }
  Vector variance() const;
  Vector standard_error() const;

 private:
  double samples() const { return static_cast<double>(count_); }

  Index group_;
  Array mean_, between_, within_;
  Index count_ = 0;
};

// What samples p_k of class probabilities say of their mean m, row by row, with
// H(p) = -sum_c p_c log p_c: the predictive entropy H(m), the expected entropy mean_k H(p_k), and
// their difference, the mutual information of class and noise (BALD).
// H(m) is a function of a mean; by the delta method its error is that of the mean of
//   T_k = -sum_c p_kc log m_c
// (the derivative's -1 falls out, as sum_c dm_c = 0). m is the running mean here, whose error moves
// the mean of T by its square only, and in which p_k itself counts half: counted in full it would
// make T vary too little at first, left out too much (at 60 samples, 3 % and 10 %).
// N. Houlsby, F. Huszar, Z. Ghahramani, M. Lengyel, "Bayesian active learning for classification
// and preference learning", arXiv:1112.5745 (2011).
class EntropyMoments {
 public:
  EntropyMoments(Index rows, Index classes, Index group);

  const RunningMoments& probabilities() const { return probabilities_; }
  // A row per sample: the probabilities of all rows, classes fastest.
  void add(const Eigen::Ref<const RowMatrix>& p);
  // Entropy, expected entropy and mutual information, rows x 3, and their standard errors. The
  // last is >= 0, as entropy is concave; rounding is not.
  Matrix value() const;
  Matrix standard_error() const;

 private:
  void add_terms(const Eigen::Ref<const RowMatrix>& p);

  Index rows_, classes_, group_;
  RunningMoments probabilities_, terms_;
};

}  // namespace hessopt
