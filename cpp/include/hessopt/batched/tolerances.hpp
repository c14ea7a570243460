// Numbers that the methods for many small problems have in common.
#pragma once

#include <limits>

#include "hessopt/core/types.hpp"

namespace hessopt::batched {

inline constexpr double eps = std::numeric_limits<double>::epsilon();
// Decrease, relative to f, that rounding may hide.
inline constexpr double hidden = 100 * eps;
// Of the decrease that was promised, from which on a step is taken.
inline constexpr double sufficient = 1e-4;
// Problems that a thread takes at once: whole packets of any level.
inline constexpr Index group_size = 128;

}  // namespace hessopt::batched
