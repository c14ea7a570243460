// The quantile function of the standard normal law, for uniform numbers that are not drawn at
// random: z = Phi^-1(u), to 1e-15 of z for u in [2^-35, 1 - 2^-35].
//
// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Appl.
// Statist. 37 (1988): a ratio of polynomials in 0.425^2 - (u - 1/2)^2 within 0.425 of 1/2, and one
// in sqrt(-log(min(u, 1 - u))) - 1.6 beyond. Both are computed, so that vector code has no branch.
#pragma once

#include <cmath>

#include "normal_group.hpp"

namespace hessopt::kernels {
namespace {

// c[0] + c[1] x + ... + c[7] x^7
EIGEN_ALWAYS_INLINE SixteenReals polynomial(const double (&c)[8], const SixteenReals& x) {
  SixteenReals sum = SixteenReals::Constant(c[7]);
  for (int k = 6; k >= 0; --k) sum = sum * x + c[k];
  return sum;
}

inline SixteenReals normal_quantile(const SixteenReals& u) {
  constexpr double a[] = {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
                          13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
                          33430.575583588128105, 2509.0809287301226727};
  constexpr double b[] = {1.0,
                          42.313330701600911252,
                          687.18700749205790830,
                          5394.1960214247511077,
                          21213.794301586595867,
                          39307.895800092710610,
                          28729.085735721942674,
                          5226.4952788528545610};
  constexpr double c[] = {1.42343711074968357734,    4.63033784615654529590,
                          5.76949722146069140550,    3.64784832476320460504,
                          1.27045825245236838258,    2.41780725177450611770e-1,
                          2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double d[] = {1.0,
                          2.05319162663775882187,
                          1.67638483018380384940,
                          6.89767334985100004550e-1,
                          1.48103976427480074590e-1,
                          1.51986665636164571966e-2,
                          5.47593808499534494600e-4,
                          1.05075007164441684324e-9};
  constexpr double half_width = 0.425;
  const SixteenReals q = u - 0.5, near = half_width * half_width - q * q;
  const SixteenReals far = (-u.min(1.0 - u).log()).sqrt() - 1.6;
  const SixteenReals above[] = {q * polynomial(a, near), polynomial(c, far)};
  const SixteenReals below[] = {polynomial(b, near), polynomial(d, far)};
  SixteenReals top, bottom;
  for (int i = 0; i < 16; ++i) {
    const bool is_near = std::abs(q[i]) <= half_width;
    top[i] = is_near ? above[0][i] : std::copysign(above[1][i], q[i]);
    bottom[i] = is_near ? below[0][i] : below[1][i];
  }
  return top / bottom;
}

// Of up to 16 fractions of 32 bits, which each stand for the middle of their 2^-32.
inline SixteenReals middles(const std::uint32_t* u, Index count) {
  SixteenReals out = SixteenReals::Constant(0.5);
  for (Index i = 0; i < count; ++i) out[i] = 0x1p-32 * (static_cast<double>(u[i]) + 0.5);
  return out;
}

}  // namespace
}  // namespace hessopt::kernels
