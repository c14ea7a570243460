// All 2^n masks of n independent units, each kept with one probability.
//
// The lowest bits of a mask make a block, to whose table of t(z) = start + sum_j a_j z_j the higher
// bits add a number each:
//   t(low, high) = t(low) + t(high),   P(low, high) = P(low) P(high).
// A table is made by doubling: every unit repeats what there is and adds its share. So a value is
// the sum of at most n + 1 terms and errs by as many roundings, which a Gray code's running sum,
// longer by 2^n terms, does not promise.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "hessopt/core/types.hpp"

namespace hessopt {

struct MaskBlocks {
  Index units;

  static constexpr Index most_low = 10;  // a table of 8 KiB
  Index low() const { return std::min(units, most_low); }
  Index size() const { return Index{1} << low(); }
  Index count() const { return Index{1} << (units - low()); }
};

// The units of the higher bits that are set in block `block`: their numbers' sum.
inline double sum_of_units(const double* a, Index block) {
  double sum = 0;
  for (auto bits = static_cast<std::uint64_t>(block); bits != 0; bits &= bits - 1)
    sum += a[std::countr_zero(bits)];
  return sum;
}

// keep^|z| (1 - keep)^(n - |z|)
inline double mask_probability(double keep, Index n, Index mask) {
  const int kept = std::popcount(static_cast<std::uint64_t>(mask));
  return std::pow(keep, kept) * std::pow(1 - keep, static_cast<double>(n - kept));
}

// Masks begin .. begin + count into the rows of `masks` (zeros and ones), and their probabilities:
// unit j of mask i is kept when bit j of i is set.
void enumerate_masks(double keep, Index begin, Eigen::Ref<RowMatrix> masks, VectorRef probability);

}  // namespace hessopt
