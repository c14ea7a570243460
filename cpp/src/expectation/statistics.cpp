#include "hessopt/expectation/statistics.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

using Table = Eigen::Ref<const RowMatrix>;

WeightedSum::WeightedSum(Index size) : sum_(Array::Zero(size)), lost_(sum_) {}

void WeightedSum::add(ConstVectorRef weight, const Table& f) {
  kernels::sums().add_weighted({f.data(), f.rows(), size(), f.outerStride()}, weight.data(),
                               sum_.data(), lost_.data());
}

RunningMoments::RunningMoments(Index size, Index group)
    : group_(group), mean_(Array::Zero(size)), between_(mean_), within_(mean_) {}

void RunningMoments::add(const Table& f) {
  require(f.rows() % group_ == 0, "f", std::to_string(f.rows()) + " rows", "whole groups");
  require_size("f", f.cols(), size());
  const Cut cut{size(), kernels::most_columns};
  const Index share = 1 + 65536 / (1 + f.rows() * cut.step);
  parallel_for(
      cut.count(),
      [&](Index i) {
        const Index at = cut.begin(i);
        kernels::sums().add_moments({f.data() + at, f.rows(), cut.size(i), f.outerStride()}, group_,
                                    count_ / group_, mean_.data() + at, between_.data() + at,
                                    within_.data() + at);
      },
      share);
  count_ += f.rows();
}

Vector RunningMoments::variance() const {
  return (static_cast<double>(group_) * between_ + within_) / (samples() - 1);
}

Vector RunningMoments::standard_error() const {
  const double groups = samples() / static_cast<double>(group_);
  if (groups < 2) return Vector::Constant(size(), std::numeric_limits<double>::quiet_NaN());
  return (between_ / (groups * (groups - 1))).sqrt();
}

EntropyMoments::EntropyMoments(Index rows, Index classes, Index group)
    : rows_(rows),
      classes_(classes),
      group_(group),
      probabilities_(rows * classes, group),
      terms_(3 * rows, group) {}

void EntropyMoments::add(const Table& p) {
  for (Index k = 0; k < p.rows(); k += group_) {
    const auto unit = p.middleRows(k, std::min(group_, p.rows() - k));
    probabilities_.add(unit);
    add_terms(unit);
  }
}

// T, H and T - H of the samples of a group.
void EntropyMoments::add_terms(const Table& p) {
  RowMatrix terms(p.rows(), 3 * rows_);
  const Vector mean = probabilities_.mean();
  const double count = static_cast<double>(probabilities_.count() / group_);
  const Cut cut{rows_, 1 + 4096 / classes_};
  parallel_for(
      cut.count(),
      [&](Index task) {
        const Index begin = cut.begin(task), at = begin * classes_;
        const Index cols = cut.size(task) * classes_;
        const Scratch scratch(3 * (cols + 8) * Index{sizeof(double)});
        kernels::sums().entropy_terms({p.data() + at, p.rows(), cols, p.outerStride()}, classes_,
                                      count, mean.data() + at, static_cast<double*>(scratch.data()),
                                      terms.data() + begin, terms.cols(), rows_);
      },
      8);
  terms_.add(terms);
}

Matrix EntropyMoments::value() const {
  const Vector mean = probabilities_.mean();
  Matrix out(rows_, 3);
  Vector room(classes_);
  kernels::sums().entropies(rows_, classes_, mean.data(), room.data(), out.data());
  out.col(1) = terms_.mean().segment(rows_, rows_);
  const Array difference = out.col(0) - out.col(1);
  out.col(2) = (difference < 0).select(0.0, difference);
  return out;
}

Matrix EntropyMoments::standard_error() const { return terms_.standard_error().reshaped(rows_, 3); }

}  // namespace hessopt
