#include "hessopt/expectation/mask_sums.hpp"

#include "hessopt/kernels/table.hpp"

namespace hessopt {

void MaskSums::add_units(const MaskBlocks& blocks, Index block, double* r, VectorRef sums) {
  const Index low = blocks.low();
  of_low_.resize(low + 1, low + 1);
  kernels::sums().fold(r, low, of_low_.data());
  sums.head(low) += Eigen::Map<const Vector>(of_low_.data(), low);
  for (const Index j : others(blocks, block)) sums[j] += of_low_.data()[low];
}

void MaskSums::add_pairs(const MaskBlocks& blocks, Index block, double* r, RowMatrix& sums) {
  const Index low = blocks.low();
  of_low_.resize(low + 1, low + 1);
  scratch_.resize(blocks.size());
  kernels::sums().fold_pairs(r, low, scratch_.data(), of_low_.data());
  for (Index j = 0; j < low; ++j) sums.row(j).head(j + 1) += of_low_.row(j).head(j + 1);
  for (const Index j : others(blocks, block)) {
    sums.row(j).head(low) += of_low_.row(low).head(low);
    for (const Index k : others_)
      if (k <= j) sums(j, k) += of_low_(low, low);
  }
}

const std::vector<Index>& MaskSums::others(const MaskBlocks& blocks, Index block) {
  others_.clear();
  for (Index j = blocks.low(); j < blocks.units; ++j)
    if ((block >> (j - blocks.low()) & 1) != 0) others_.push_back(j);
  others_.push_back(blocks.units);
  return others_;
}

}  // namespace hessopt
