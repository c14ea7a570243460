// All 2^n masks of n independent Bernoulli units, with their probabilities.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "hessopt/core/error.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

// Masks begin .. begin + count into the rows of `masks` (zeros and ones): unit j of mask i is kept
// when bit j of i is set, which has probability keep^|i| (1 - keep)^(n - |i|).
inline void enumerate_masks(double keep, Index begin, Eigen::Ref<RowMatrix> masks,
                            VectorRef probability) {
  const Index n = masks.cols();
  for (Index row = 0; row < masks.rows(); ++row) {
    const auto i = static_cast<std::uint64_t>(begin + row);
    for (Index j = 0; j < n; ++j) masks(row, j) = static_cast<double>((i >> j) & 1u);
    const int kept = std::popcount(i);
    probability[row] = std::pow(keep, kept) * std::pow(1.0 - keep, static_cast<double>(n - kept));
  }
}

}  // namespace hessopt
