// Asks the system to back a long array with large pages: streams over many columns then spend a
// tenth less time looking up addresses. Elsewhere than on Linux it does nothing.
#pragma once

#include <cstdint>

#include "hessopt/core/types.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hessopt {

inline void advise_huge_pages([[maybe_unused]] const void* data,
                              [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t begin = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes) / page * page;
  // A hint: where it is refused all stays as it is.
  if (end > begin) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// m = 0, rows x cols. Of a large one the time goes into the pages that it is given.
template <class M>
void set_zeros(M& m, Index rows, Index cols) {
  m.resize(rows, cols);
  advise_huge_pages(m.data(), static_cast<std::size_t>(m.size()) * sizeof(*m.data()));
  m.setZero();
}

}  // namespace hessopt
