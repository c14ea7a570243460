#include "hessopt/random/bernoulli.hpp"

#include <bit>
#include <cmath>
#include <string>

#include "hessopt/core/error.hpp"

namespace hessopt {

Bernoulli::Bernoulli(double p, bool antithetic) : kernels::BernoulliLaw{} {
  require(p >= 0.0 && p <= 1.0, "keep", std::to_string(p), "a probability in [0, 1]");
  const bool certain = p == 1.0;
  digits = certain ? 0 : static_cast<std::uint64_t>(std::ldexp(p, 64));
  planes = digits == 0 ? 0 : 64 - std::countr_zero(digits);
  inverted = certain || (antithetic && digits != 0);
  if (antithetic) digits = -digits;
}

}  // namespace hessopt
