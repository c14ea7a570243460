// A chunk of rows, packets enough to hide the latency of exponentials, and the functions that the
// formulas of losses are made of.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "hessopt/core/types.hpp"
#include "hessopt/kernels/losses.hpp"

namespace hessopt {

using kernels::chunk_rows;
using Chunk = Eigen::Array<double, chunk_rows, 1>;

namespace detail {

// x < y ? a : b, which neither Eigen's select nor every compiler makes vector code of.
EIGEN_ALWAYS_INLINE Chunk where_less(const Chunk& x, const Chunk& y, const Chunk& a,
                                     const Chunk& b) {
  Chunk out;
  using Traits = Eigen::internal::packet_traits<double>;
  const auto load = [](const double& from) { return Eigen::internal::ploadu<Traits::type>(&from); };
  for (Index i = 0; i < chunk_rows; i += Index{Traits::size}) {
    const auto mask = Eigen::internal::pcmp_lt(load(x[i]), load(y[i]));
    Eigen::internal::pstoreu(&out[i], Eigen::internal::pselect(mask, load(a[i]), load(b[i])));
  }
  return out;
}

// e^x = 2^k e^r for |x| <= 708.39, with k the integer nearest x / log 2 and |r| <= log(2) / 2, so
// that no packet waits for a division. The polynomial is Chebyshev's, to 1.3e-17.
EIGEN_ALWAYS_INLINE Chunk exponential_in_range(const Chunk& x) {
  constexpr double c[] = {0.50000000000000010314,     0.1666666666666666746,
                          0.041666666666623820532,    0.0083333333333300381973,
                          0.0013888888917367080562,   0.00019841269863171556026,
                          0.000024801521057868205199, 2.7557268276905696187e-6,
                          2.7620201591031548778e-7,   2.5100472505694995992e-8};
  constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
  const Chunk shifted = x * 1.4426950408889634 + shift, k = shifted - shift;
  const Chunk r = (x - k * 0.69314718036912381649) - k * 1.9082149292705877e-10;
  Chunk scale;
  for (Index i = 0; i < chunk_rows; ++i)
    scale[i] = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted[i]) + 1023) << 52);
  const Chunk r2 = r * r;
  const Chunk even = ((c[8] * r2 + c[6]) * r2 + c[4]) * r2 + c[2];
  const Chunk odd = (((c[9] * r2 + c[7]) * r2 + c[5]) * r2 + c[3]) * r2 + c[1];
  return (1.0 + (r + r2 * (c[0] + r * odd + r2 * even))) * scale;
}

// e^x for x <= 0; what would be below the least normal number is about that.
EIGEN_ALWAYS_INLINE Chunk exponential_of_negative(const Chunk& x) {
  return exponential_in_range(x.max(-708.39));
}

// e^x, infinite where it overflows.
EIGEN_ALWAYS_INLINE Chunk exponential(const Chunk& x) {
  const Chunk half = exponential_in_range((0.5 * x).max(-354.0).min(354.9));
  const Chunk e = half * half;
  return where_less(Chunk::Constant(709.78), x,
                    Chunk::Constant(std::numeric_limits<double>::infinity()), e);
}

// log(1 + t) = 2 artanh(s), s = t / (2 + t), for t in [0, 1]: nothing is rounded off a small t.
// The polynomial in s^2 is Chebyshev's, to 4.9e-17.
EIGEN_ALWAYS_INLINE Chunk log_one_plus(const Chunk& t) {
  constexpr double c[] = {0.99999999999999995579,  0.33333333333341287164,  0.19999999997643800004,
                          0.14285714555828580111,  0.11111095430673142019,  0.090914299002369554786,
                          0.076818381244458171292, 0.067956527427899469179, 0.049403945243823931204,
                          0.088903819130566514469};
  const Chunk s = t / (2.0 + t), z = s * s;
  Chunk sum = Chunk::Constant(c[9]);
  for (int k = 8; k >= 0; --k) sum = sum * z + c[k];
  return 2.0 * s * sum;
}

// log x for normal x > 0, to an absolute error of its own size's rounding; NaN is not kept.
EIGEN_ALWAYS_INLINE Chunk logarithm(const Chunk& x) {
  constexpr std::uint64_t fraction = (std::uint64_t{1} << 52) - 1;
  Chunk exponent, mantissa;  // x = 2^exponent mantissa, mantissa in [1, 2)
  for (Index i = 0; i < chunk_rows; ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(x[i]);
    exponent[i] = std::bit_cast<double>((bits >> 52) | std::bit_cast<std::uint64_t>(0x1p52));
    mantissa[i] = std::bit_cast<double>((bits & fraction) | std::bit_cast<std::uint64_t>(1.0));
  }
  return (exponent - (0x1p52 + 1023)) * 0.69314718055994530942 + log_one_plus(mantissa - 1.0);
}

}  // namespace detail

}  // namespace hessopt
