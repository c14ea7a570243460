// Sums over all masks of a few units: see expectation/enumerate.hpp and mask_sums.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/kernels/sums.hpp"
#include "hessopt/losses/chunk.hpp"

namespace hessopt::kernels {
namespace {

inline void units(double start, const double* a, Index n, double* out) noexcept {
  out[0] = start;
  for (Index j = 0; j < n; ++j)
    for (Index i = 0, half = Index{1} << j; i < half; ++i) out[half + i] = out[i] + a[j];
}

inline void probabilities(double keep, Index n, double* out) noexcept {
  out[0] = 1;
  for (Index j = 0; j < n; ++j)
    for (Index i = 0, half = Index{1} << j; i < half; ++i) {
      out[half + i] = keep * out[i];
      out[i] *= 1 - keep;
    }
}

inline void shift(Index n, const double* from, double by, double* out) noexcept {
  for (Index i = 0; i < n; ++i) out[i] = from[i] + by;
}

// Adds the upper half of r onto the lower, and returns its sum.
inline double fold_upper(double* r, Index half) {
  if (half < chunk_rows) {
    double sum = 0;
    for (Index i = 0; i < half; ++i) {
      sum += r[half + i];
      r[i] += r[half + i];
    }
    return sum;
  }
  Chunk sum = Chunk::Zero();
  for (Index i = 0; i < half; i += chunk_rows) {
    const Chunk kept = Eigen::Map<const Chunk>(r + half + i);
    sum += kept;
    Eigen::Map<Chunk>(r + i) += kept;
  }
  return sum.sum();
}

inline void fold(double* r, Index n, double* sums) noexcept {
  for (Index j = n - 1; j >= 0; --j) sums[j] = fold_upper(r, Index{1} << j);
  sums[n] = r[0];
}

inline void fold_pairs(double* r, Index n, double* scratch, double* sums) noexcept {
  for (Index j = n - 1; j >= 0; --j) {
    const Index half = Index{1} << j;
    double* const row = sums + j * (n + 1);
    for (Index i = 0; i < half; ++i) {
      scratch[i] = r[half + i];
      r[i] += r[half + i];
    }
    fold(scratch, j, row);
    sums[n * (n + 1) + j] = row[j];
  }
  sums[n * (n + 1) + n] = r[0];
}

// With the predictor in two parts, of the low and of the high bits of a mask, e^-t is a product of
// two numbers that are in tables: no mask costs more than a multiplication and a division.
class SigmoidSum {
 public:
  SigmoidSum(double start, const double* a, Index n, double keep)
      : keep_(keep), a_(a), blocks_{n}, room_(std::max(blocks_.size(), chunk_rows)) {
    double most = std::abs(start);
    for (Index j = 0; j < n; ++j) most += std::abs(a[j]);
    in_range_ = most < 700;
    std::fill_n(table_, room_, 0.0);
    std::fill_n(probability_, room_, 0.0);
    units(start, a, blocks_.low(), table_);
    probabilities(keep, blocks_.low(), probability_);
    if (in_range_)
      for (Index i = 0; i < room_; i += chunk_rows)
        Eigen::Map<Chunk>(table_ + i) = decay(Part(table_ + i));
  }

  // Over the masks of the blocks begin .. end.
  double operator()(Index begin, Index end) const {
    const double* high = a_ + blocks_.low();
    double sum = 0;
    for (Index block = begin; block < end; ++block) {
      const double shift = sum_of_units(high, block);
      sum += mask_probability(keep_, blocks_.units - blocks_.low(), block) *
             (in_range_ ? of_product(decay(Chunk::Constant(shift))) : of_sum(shift));
    }
    return sum;
  }

 private:
  using Part = Eigen::Map<const Chunk>;
  // e^-t, of which 1 / (1 + e^-t) is 0 or 1 long before this ends.
  static Chunk decay(const Chunk& t) {
    return detail::exponential_in_range((-t).max(-708.0).min(708.0));
  }

  HESSOPT_NOINLINE double of_product(const Chunk& factor) const {
    Chunk sum = Chunk::Zero();
    for (Index i = 0; i < room_; i += chunk_rows)
      sum += Part(probability_ + i) / (1.0 + Part(table_ + i) * factor);
    return sum.sum();
  }
  HESSOPT_NOINLINE double of_sum(double shift) const {
    Chunk sum = Chunk::Zero();
    for (Index i = 0; i < room_; i += chunk_rows)
      sum += Part(probability_ + i) / (1.0 + decay(Part(table_ + i) + shift));
    return sum.sum();
  }

  double keep_;
  const double* a_;
  MaskBlocks blocks_;
  Index room_;
  bool in_range_;
  static constexpr Index most = Index{1} << MaskBlocks::most_low;
  alignas(64) double table_[most], probability_[most];  // e^-t or t, of a block
};

inline double sigmoids(double start, const double* a, Index n, double keep, Index begin,
                       Index end) noexcept {
  return SigmoidSum(start, a, n, keep)(begin, end);
}

}  // namespace
}  // namespace hessopt::kernels
