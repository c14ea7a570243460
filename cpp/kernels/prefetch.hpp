// Hints that a line of memory will be needed soon. Inlined by force: GCC takes a function that
// gives nothing but hints for one without effect, and drops calls of it.
#pragma once

#include <Eigen/Core>
#include <cstddef>

namespace hessopt::kernels {

inline constexpr std::ptrdiff_t cache_line = 64;  // bytes

EIGEN_ALWAYS_INLINE void prefetch_to_l1([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 0, 3);
#endif
}

// Not so soon as to belong in the first cache.
EIGEN_ALWAYS_INLINE void prefetch_to_l2([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 0, 2);
#endif
}

// To be written.
EIGEN_ALWAYS_INLINE void prefetch_to_change([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 1, 3);
#endif
}

}  // namespace hessopt::kernels
