// Sums of an array of 2^n numbers, one per mask of n units, over the masks that have a unit and
// over those that have two.
//
// Half of the array is folded onto the other to sum the highest unit out. So all units together
// take 2^(n+1) additions and all pairs twice that, where a pass for each would take n^2 2^n.
#pragma once

#include <vector>

#include "hessopt/expectation/enumerate.hpp"

namespace hessopt {

// The sums block by block. The masks of a block differ in their low units; all of them have those
// of the others that are set in its number, and unit n, which is every mask.
class MaskSums {
 public:
  void add_units(const MaskBlocks& blocks, Index block, double* r, VectorRef sums);
  // Of the lower triangle.
  void add_pairs(const MaskBlocks& blocks, Index block, double* r, RowMatrix& sums);

 private:
  const std::vector<Index>& others(const MaskBlocks& blocks, Index block);

  RowMatrix of_low_;
  Array scratch_;
  std::vector<Index> others_;
};

}  // namespace hessopt
