// Sums of an array of 2^n numbers, one per mask of n units, over the masks that have a unit and
// over those that have two.
//
// Half of the array is folded onto the other to sum the highest unit out. So all units together
// take 2^(n+1) additions and all pairs twice that, where a pass for each would take n^2 2^n.
#pragma once

#include <algorithm>
#include <vector>

#include "hessopt/expectation/enumerated_predictor.hpp"

namespace hessopt {

namespace detail {

// sums[j] = sum of r over the masks with unit j, sums[n] over all. r is used up.
inline void fold(double* r, Index n, double* sums) {
  for (Index j = n - 1; j >= 0; --j) {
    const Index half = Index{1} << j;
    const Eigen::Map<const Array> kept(r + half, half);
    sums[j] = kept.sum();
    Eigen::Map<Array>(r, half) += kept;
  }
  sums[n] = r[0];
}

// sums(j, k), k <= j: over the masks with both units, unit n being in all. r is used up.
inline void fold_pairs(double* r, Index n, double* scratch, RowMatrix& sums) {
  for (Index j = n - 1; j >= 0; --j) {
    const Index half = Index{1} << j;
    std::copy(r + half, r + 2 * half, scratch);
    fold(scratch, j, &sums(j, 0));
    Eigen::Map<Array>(r, half) += Eigen::Map<const Array>(r + half, half);
  }
  sums.row(n).head(n) = sums.diagonal().head(n);
  sums(n, n) = r[0];
}

}  // namespace detail

// The sums block by block. The masks of a block differ in their low units; all of them have those
// of the others that are set in its number, and unit n, which is every mask.
class MaskSums {
 public:
  void add_units(const MaskBlocks& blocks, Index block, double* r, VectorRef sums) {
    const Index low = blocks.low();
    of_low_.resize(low + 1, low + 1);
    detail::fold(r, low, of_low_.data());
    sums.head(low) += Eigen::Map<const Vector>(of_low_.data(), low);
    for (const Index j : others(blocks, block)) sums[j] += of_low_.data()[low];
  }
  // Of the lower triangle.
  void add_pairs(const MaskBlocks& blocks, Index block, double* r, RowMatrix& sums) {
    const Index low = blocks.low();
    of_low_.resize(low + 1, low + 1);
    scratch_.resize(blocks.size());
    detail::fold_pairs(r, low, scratch_.data(), of_low_);
    for (Index j = 0; j < low; ++j) sums.row(j).head(j + 1) += of_low_.row(j).head(j + 1);
    for (const Index j : others(blocks, block)) {
      sums.row(j).head(low) += of_low_.row(low).head(low);
      for (const Index k : others_)
        if (k <= j) sums(j, k) += of_low_(low, low);
    }
  }

 private:
  const std::vector<Index>& others(const MaskBlocks& blocks, Index block) {
    others_.clear();
    for (Index j = blocks.low(); j < blocks.units; ++j)
      if ((block >> (j - blocks.low()) & 1) != 0) others_.push_back(j);
    others_.push_back(blocks.units);
    return others_;
  }

  RowMatrix of_low_;
  Array scratch_;
  std::vector<Index> others_;
};

}  // namespace hessopt
