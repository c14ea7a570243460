// A hint that a line of memory will be read soon, but not so soon as to belong in the first cache.
#pragma once

namespace hessopt {

inline void prefetch_to_l2([[maybe_unused]] const void* at) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at, 0, 2);
#endif
}

}  // namespace hessopt
