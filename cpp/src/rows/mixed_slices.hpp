// Mixed rows a slice at a time: see mixed.hpp.
#pragma once

#include <algorithm>

#include "hessopt/kernels/table.hpp"

namespace hessopt {

// Rows whose codes are read at a time.
inline constexpr Index slice = kernels::most_code_rows;

// visit(begin, count) for slices of rows.
template <class Visit>
void for_each_slice(Index begin, Index rows, Visit&& visit) {
  for (Index i = 0; i < rows; i += slice) visit(begin + i, std::min(slice, rows - i));
}

}  // namespace hessopt
