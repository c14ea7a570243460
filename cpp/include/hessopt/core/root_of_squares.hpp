// The root of a sum of squares in any units.
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// sqrt(sum), where the terms of the sum are the squares of the vector that `terms()` makes: it is
// asked for only where squares may have left the range of numbers.
template <std::invocable Terms>
  requires std::same_as<std::invoke_result_t<Terms>, Vector>
double root_of_squares(double sum, Terms&& terms) {
  if (sum > 1e-280 && sum < 1e300) [[likely]]
    return std::sqrt(sum);
  return terms().stableNorm();
}

}  // namespace hessopt
