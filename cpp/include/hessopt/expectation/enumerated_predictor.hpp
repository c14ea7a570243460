// t(z) = start + sum_j a_j z_j at all 2^n masks z of n units, and their probabilities
// keep^|z| (1 - keep)^(n - |z|). The lowest bits of a mask make a block, to whose table the higher
// bits add a number each:
//   t(low, high) = t(low) + t(high),   P(low, high) = P(low) P(high).
// A table is made by doubling: every unit repeats what there is and adds its share. So a value is
// the sum of at most n + 1 terms and errs by as many roundings, which a Gray code's running sum,
// longer by 2^n terms, does not promise.
#pragma once

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

// out[z] = start + sum_j a_j z_j for the 2^n masks of n units.
inline void add_units(double start, const double* a, Index n, double* out) {
  out[0] = start;
  for (Index j = 0; j < n; ++j)
    for (Index i = 0, half = Index{1} << j; i < half; ++i) out[half + i] = out[i] + a[j];
}

// The units of the higher bits that are set in block `block`: their numbers' sum.
inline double sum_of_units(const double* a, Index block) {
  double sum = 0;
  for (auto bits = static_cast<std::uint64_t>(block); bits != 0; bits &= bits - 1)
    sum += a[std::countr_zero(bits)];
  return sum;
}

inline void mask_probabilities(double keep, Index n, double* out) {
  out[0] = 1;
  for (Index j = 0; j < n; ++j)
    for (Index i = 0, half = Index{1} << j; i < half; ++i) {
      out[half + i] = keep * out[i];
      out[i] *= 1 - keep;
    }
}
inline double mask_probability(double keep, Index n, Index mask) {
  const int kept = std::popcount(static_cast<std::uint64_t>(mask));
  return std::pow(keep, kept) * std::pow(1 - keep, static_cast<double>(n - kept));
}

}  // namespace hessopt
