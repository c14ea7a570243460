// Sums of products in float64, in an order that n alone decides.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {
namespace {

// a and b: anything with operator[], a pointer above all.
template <class A, class B>
inline double dot_block(const A& a, const B& b, Index size) {
  constexpr int lanes = 16;  // independent sums, so that the loop is vector code without fast-math
  double sums[lanes] = {};
  const Index whole = size / lanes * lanes;
  for (Index i = 0; i < whole; i += lanes)
    for (int l = 0; l < lanes; ++l)
      sums[l] += static_cast<double>(a[i + l]) * static_cast<double>(b[i + l]);
  double sum = 0;
  for (Index i = whole; i < size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int l = 0; l < half; ++l) sums[l] += sums[l + half];
  return sums[0] + sum;
}

}  // namespace
}  // namespace hessopt::kernels
