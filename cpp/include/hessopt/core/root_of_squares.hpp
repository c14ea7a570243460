// The root of a sum of squares in any units.
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// A sum of squares to which sums are added. Those whose squares may have left the range of numbers
// are kept apart by their root.
class SumOfSquares {
 public:
  // The terms of `sum` are the squares of the vector that `terms()` makes, which is asked for only
  // where it is needed.
  template <std::invocable Terms>
    requires std::same_as<std::invoke_result_t<Terms>, Vector>
  void add(double sum, Terms&& terms) {
    if (is_in_range(sum)) [[likely]]
      sum_ += sum;
    else
      apart_ = std::hypot(apart_, terms().stableNorm());
  }
  void add_square_of(double term) {
    if (is_in_range(term * term)) [[likely]]
      sum_ += term * term;
    else if (term != 0)
      apart_ = std::hypot(apart_, term);
  }
  void operator+=(const SumOfSquares& other) {
    sum_ += other.sum_;
    if (other.apart_ > 0) apart_ = std::hypot(apart_, other.apart_);
  }
  void clear() { sum_ = apart_ = 0; }

  double root() const { return apart_ > 0 ? std::hypot(apart_, std::sqrt(sum_)) : std::sqrt(sum_); }

  static bool is_in_range(double sum) { return sum > 1e-280 && sum < 1e280; }

 private:
  double sum_ = 0, apart_ = 0;
};

}  // namespace hessopt
