// Hints that a line of memory will be needed soon: at once, or not so soon as to belong in the
// first cache; or to be changed.
#pragma once

namespace hessopt {

inline void prefetch([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at);
#endif
}

inline void prefetch_to_l2([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 0, 2);
#endif
}

inline void prefetch_to_change([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 1, 3);
#endif
}

}  // namespace hessopt
