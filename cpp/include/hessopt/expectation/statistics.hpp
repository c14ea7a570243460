// Streaming sums: of values with given probabilities, and of samples with their standard errors.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
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

// Mean, variance and standard error of samples of vectors, in one pass and O(1) memory a component.
// Samples come in groups of `group`, independent of each other but not within themselves (2 are an
// antithetic pair, 1 is a plain sample). With u the mean of a group,
//   sum (x - mean)^2 = group sum (u - mean)^2 + sum (x - u)^2,
// and the standard error of the mean knows of the groups alone.
// B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
// Technometrics 4 (1962).
class RunningMoments {
 public:
  explicit RunningMoments(Index size, Index group = 1)
      : group_(group), mean_(Array::Zero(size)), between_(mean_), within_(mean_) {}

  Index size() const { return mean_.size(); }
  Index count() const { return count_; }
  // A row per sample, whole groups. Components are shared out among threads, samples never are: the
  // sums are the same for any number of threads and however the samples are split into calls.
  void add(const Eigen::Ref<const RowMatrix>& f) {
    require(f.rows() % group_ == 0, "f", std::to_string(f.rows()) + " rows", "whole groups");
    require_size("f", f.cols(), size());
    const Cut cut{size(), 512};
    const Index share = 1 + 65536 / (1 + f.rows() * cut.step);
    parallel_for(cut.count(), [&](Index i) { add_columns(f, cut.begin(i), cut.size(i)); }, share);
    count_ += f.rows();
  }
  Vector mean() const { return mean_; }
  Vector variance() const {
    return (static_cast<double>(group_) * between_ + within_) / (samples() - 1);
  }
  Vector standard_error() const {
    const double groups = samples() / static_cast<double>(group_);
    if (groups < 2) return Vector::Constant(size(), std::numeric_limits<double>::quiet_NaN());
    return (between_ / (groups * (groups - 1))).sqrt();
  }

 private:
  double samples() const { return static_cast<double>(count_); }
  void add_columns(const Eigen::Ref<const RowMatrix>& f, Index begin, Index size) {
    double* const mean = mean_.data() + begin;
    double* const between = between_.data() + begin;
    double groups = samples() / static_cast<double>(group_);
    const double part = 1.0 / static_cast<double>(group_);
    Array unit(size);
    for (Index i = 0; i < f.rows(); i += group_) {
      const double weight = 1.0 / (groups += 1.0);
      const double* u = f.data() + i * f.outerStride() + begin;
      if (group_ > 1) {
        const auto members = f.block(i, begin, group_, size).array();
        unit = part * members.colwise().sum().transpose();
        for (Index k = 0; k < group_; ++k)
          within_.segment(begin, size) += (members.row(k).transpose() - unit).square();
        u = unit.data();
      }
      for (Index j = 0; j < size; ++j) {
        const double change = u[j] - mean[j];
        mean[j] += change * weight;
        between[j] += change * (u[j] - mean[j]);
      }
    }
  }

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
  EntropyMoments(Index rows, Index classes, Index group)
      : rows_(rows),
        classes_(classes),
        group_(group),
        probabilities_(rows * classes, group),
        terms_(3 * rows, group) {}

  const RunningMoments& probabilities() const { return probabilities_; }
  // A row per sample: the probabilities of all rows, classes fastest.
  void add(const Eigen::Ref<const RowMatrix>& p) {
    for (Index k = 0; k < p.rows(); k += group_) {
      const auto unit = p.middleRows(k, std::min(group_, p.rows() - k));
      probabilities_.add(unit);
      add_terms(unit);
    }
  }
  // Entropy, expected entropy and mutual information, rows x 3, and their standard errors. The
  // last is >= 0, as entropy is concave; rounding is not.
  Matrix value() const {
    const Vector mean = probabilities_.mean();
    Matrix out(rows_, 3);
    for (Index i = 0; i < rows_; ++i) out(i, 0) = entropy(mean.segment(i * classes_, classes_));
    out.col(1) = terms_.mean().segment(rows_, rows_);
    const Array difference = out.col(0) - out.col(1);
    out.col(2) = (difference < 0).select(0.0, difference);
    return out;
  }
  Matrix standard_error() const { return terms_.standard_error().reshaped(rows_, 3); }

 private:
  // 0 log 0 = 0.
  static Array times_log(const Array& p, const Array& q) {
    return (p > 0).select(p * q.log(), 0.0);
  }
  static double entropy(const Array& p) { return 0.0 - times_log(p, p).sum(); }
  // T, H and T - H of the samples of a group.
  void add_terms(const Eigen::Ref<const RowMatrix>& p) {
    RowMatrix terms(p.rows(), 3 * rows_);
    const double k = static_cast<double>(probabilities_.count() / group_);
    const Vector reference =
        (k * probabilities_.mean() - 0.5 * p.colwise().mean().transpose()) / (k - 0.5);
    const Cut cut{rows_, 1 + 4096 / classes_};
    parallel_for(
        cut.count(),
        [&](Index task) {
          const Index begin = cut.begin(task), size = cut.size(task);
          const Array m = reference.segment(begin * classes_, size * classes_);
          const Array log_m = (m > 0).select(m.log(), 0.0);
          for (Index i = 0; i < p.rows(); ++i) {
            const Array q = p.row(i).segment(begin * classes_, size * classes_);
            const auto per_row = [&](const Array& a) {
              return a.reshaped(classes_, size).colwise().sum().eval();
            };
            const auto t = per_row(-q * log_m), h = per_row(-times_log(q, q));
            terms.row(i).segment(begin, size) = t;
            terms.row(i).segment(rows_ + begin, size) = h;
            terms.row(i).segment(2 * rows_ + begin, size) = t - h;
          }
        },
        8);
    terms_.add(terms);
  }

  Index rows_, classes_, group_;
  RunningMoments probabilities_, terms_;
};

}  // namespace hessopt
