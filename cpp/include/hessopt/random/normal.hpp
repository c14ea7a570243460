// Standard normal numbers, each a function of (seed, stream, index) alone.
//
// Elements are grouped by 32 of absolute index: elements 32 k + l and 32 k + 16 + l, l = 0..15, are
// the pair of the counter n = 16 k + l,
//   (x0 .. x3) = philox(counter = (lo32(n), hi32(n), 2^31, stream), key = seed),
// where no bit plane of a mask is, for it has 64 planes at most. Read u = 1 - 0.d1 .. d52 from the
// leading digits of (x1 x0), and the sign s = 1 - 2 d1 and t = 0.d2 .. d53 - 1/2 from (x3 x2). Then
//   z = s r cos(pi t),  z' = s r sin(pi t),  r = sqrt(-2 log u) < 8.5.
// The digits are the same on every machine and for both widths; the numbers, computed in float64,
// are so to rounding.
//
// G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Ann. Math.
// Statist. 29 (1958).
#pragma once

#include "hessopt/random/stream.hpp"

namespace hessopt {

// Elements offset .. offset + size. Called within a task: one thread.
template <Real T>
void normal_block(std::uint64_t seed, std::uint32_t stream, Index offset, Index size, T* out) {
  if constexpr (std::same_as<T, float>)
    kernels::random().normal_f32({seed, stream}, offset, size, out);
  else
    kernels::random().normal_f64({seed, stream}, offset, size, out);
}

}  // namespace hessopt
