// E sigma(b + sum_j x_j w_j z_j) over noise z of mean one: the probability that a logistic model
// predicts when its noise is integrated out.
//
// `enumerated_sigmoid` sums over all masks of the inputs that matter. With the predictor in two
// parts, of the low and of the high bits of a mask, e^-t is a product of two numbers that are in
// tables: no mask costs more than a multiplication and a division.
//
// Sums of products of rounded probabilities may be a few ulp beyond 1; what is returned is not.
#pragma once

#include <algorithm>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/expectation/enumerated_predictor.hpp"
#include "hessopt/expectation/logistic_mixture.hpp"
#include "hessopt/expectation/predictor_variance.hpp"

namespace hessopt {

namespace detail {

// Not inlined into the loops of one thread and of a team, where the compiler may fuse
// multiplications and additions differently.
class SigmoidSum {
 public:
  HESSOPT_NOINLINE SigmoidSum(double start, const std::vector<double>& a, double keep)
      : keep_(keep), a_(a), blocks_{static_cast<Index>(a.size())} {
    double most = std::abs(start);
    for (const double share : a) most += std::abs(share);
    in_range_ = most < 700;
    const Index room = std::max(blocks_.size(), chunk_rows);
    table_ = probability_ = Array::Zero(room);
    add_units(start, a.data(), blocks_.low(), table_.data());
    mask_probabilities(keep, blocks_.low(), probability_.data());
    if (in_range_)
      for (Index i = 0; i < room; i += chunk_rows) chunk(table_, i) = decay(chunk(table_, i));
  }

  // Over the masks of the blocks begin .. end.
  HESSOPT_NOINLINE double operator()(Index begin, Index end) const {
    const double* high = a_.data() + blocks_.low();
    double sum = 0;
    for (Index block = begin; block < end; ++block) {
      const double shift = sum_of_units(high, block);
      sum += mask_probability(keep_, blocks_.units - blocks_.low(), block) *
             (in_range_ ? of_product(decay(Chunk::Constant(shift))) : of_sum(shift));
    }
    return sum;
  }

 private:
  using Lanes = Eigen::Map<const Chunk>;
  static Eigen::Map<Chunk> chunk(Array& a, Index i) { return Eigen::Map<Chunk>(&a[i]); }
  // e^-t, of which 1 / (1 + e^-t) is 0 or 1 long before this ends.
  static Chunk decay(const Chunk& t) { return exponential_in_range((-t).max(-708.0).min(708.0)); }

  HESSOPT_NOINLINE double of_product(const Chunk& factor) const {
    Chunk sum = Chunk::Zero();
    for (Index i = 0; i < table_.size(); i += chunk_rows)
      sum += Lanes(&probability_[i]) / (1.0 + Lanes(&table_[i]) * factor);
    return sum.sum();
  }
  HESSOPT_NOINLINE double of_sum(double shift) const {
    Chunk sum = Chunk::Zero();
    for (Index i = 0; i < table_.size(); i += chunk_rows)
      sum += Lanes(&probability_[i]) / (1.0 + decay(Lanes(&table_[i]) + shift));
    return sum.sum();
  }

  double keep_;
  const std::vector<double>& a_;
  MaskBlocks blocks_;
  bool in_range_;
  Array table_, probability_;  // e^-t or t, of a block
};

}  // namespace detail

inline constexpr Index most_enumerated_inputs = 24;

// out[i] = E sigma(b + sum_j x_ij w_j z_j / keep), z_j one with probability `keep`, else zero.
template <Real T>
void enumerated_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, double keep,
                        double* out) {
  const auto shares = [&](Index i) {
    std::vector<double> a;
    for (Index j = 0; j < x.cols; ++j)
      if (const double a_j = static_cast<double>(x(i, j)) * w[j]; a_j != 0) a.push_back(a_j / keep);
    return a;
  };
  Index most = 0;
  for (Index i = 0; i < x.rows; ++i) most = std::max(most, static_cast<Index>(shares(i).size()));
  if (most > most_enumerated_inputs)
    throw ArgumentError(
        "X", "a row with " + std::to_string(most) + " inputs that are not zero",
        "at most " + std::to_string(most_enumerated_inputs) + " for 'exact'; or take 'normal'");
  const Index step = 128;  // blocks of a task
  const Index parts = Cut{MaskBlocks{most}.count(), step}.count();
  Matrix partial = Matrix::Zero(parts, x.rows);
  parallel_for(parts * x.rows, [&](Index task) {
    const Index i = task / parts, part = task % parts;
    const std::vector<double> a = shares(i);
    const Cut cut{MaskBlocks{static_cast<Index>(a.size())}.count(), step};
    if (part >= cut.count()) return;
    partial(part, i) =
        detail::SigmoidSum(b, a, keep)(cut.begin(part), cut.begin(part) + cut.size(part));
  });
  for (Index i = 0; i < x.rows; ++i) out[i] = std::clamp(partial.col(i).sum(), 0.0, 1.0);
}

namespace detail {

// Of rows begin .. begin + count, at most a chunk.
template <Real T>
HESSOPT_NOINLINE void normal_sigmoid(const MatrixView<T>& x, Index begin, Index count,
                                     ConstVectorRef w, double b, const VarianceFactor& factor,
                                     double* out) {
  Chunk mean = Chunk::Constant(b), squares = Chunk::Zero();
  if (factor.additive) squares += w.squaredNorm();
  for (Index i = 0; i < count; ++i)
    for (Index j = 0; j < x.cols; ++j) {
      const double term = static_cast<double>(x(begin + i, j)) * w[j];
      mean[i] += term;
      if (!factor.additive) squares[i] += term * term;
    }
  const Chunk slope = NormalMarginal<Logistic>{}.at(mean, factor.c * squares, Chunk::Zero()).mean;
  for (Index i = 0; i < count; ++i) out[begin + i] = std::clamp(slope[i], 0.0, 1.0);
}

}  // namespace detail

// The same with the predictor taken as normal with its own mean and variance, which it is when the
// noise is. E sigma is the slope in the mean of E log(1 + e^t), the logistic marginal at y = 0.
template <Real T>
void normal_sigmoid(const MatrixView<T>& x, ConstVectorRef w, double b, const Noise& noise,
                    double* out) {
  const VarianceFactor factor(noise);
  const Cut chunks{x.rows, chunk_rows};
  parallel_for(
      chunks.count(),
      [&](Index t) {
        detail::normal_sigmoid(x, chunks.begin(t), chunks.size(t), w, b, factor, out);
      },
      32);
}

}  // namespace hessopt
