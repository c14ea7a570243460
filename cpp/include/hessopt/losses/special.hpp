// Functions that stay exact where the plain formula would subtract nearly equal numbers: what
// deviances are made of.
#pragma once

#include "hessopt/losses/chunk.hpp"

namespace hessopt::detail {

// (e^x - 1 - x) / x^2, given e^x too. Taylor's series for |x| < 1, to 1e-16.
EIGEN_ALWAYS_INLINE Chunk exponential_remainder(const Chunk& x, const Chunk& e) {
  constexpr int degree = 16;
  Chunk near = Chunk::Constant(1.0 / (degree + 2));
  for (int k = degree - 1; k >= 0; --k) near = (1.0 + x * near) * (1.0 / (k + 2));
  return where_less(x.abs(), Chunk::Ones(), near, (e - 1.0 - x) / (x * x));
}

// u - log(1 + u) for u in [-1/2, 1], by s = u / (2 + u) and log(1 + u) = 2 artanh(s).
EIGEN_ALWAYS_INLINE Chunk logarithm_remainder(const Chunk& u) {
  constexpr int terms = 15;
  const Chunk s = u / (2.0 + u), z = s * s;
  Chunk sum = Chunk::Constant(1.0 / (2 * terms + 1));
  for (int k = terms - 1; k >= 1; --k) sum = sum * z + 1.0 / (2 * k + 1);
  return s * (u - 2.0 * z * sum);
}

// log(1 + e^x).
EIGEN_ALWAYS_INLINE Chunk softplus(const Chunk& x) {
  return x.max<Eigen::PropagateNaN>(0.0) + log_one_plus(exponential_of_negative(-x.abs()));
}

// log x of a number that may be 0, for which it is that of the least normal number.
EIGEN_ALWAYS_INLINE Chunk logarithm_or_least(const Chunk& x) {
  return logarithm(x.max(std::numeric_limits<double>::min()));
}

}  // namespace hessopt::detail
