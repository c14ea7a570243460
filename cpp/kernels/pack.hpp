// A register of T with the arithmetic that formulas are written in.
#pragma once

#include <bit>
#include <cstdint>

#include "packet.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
struct Pack {
  Packet<T> v;

  Pack(Packet<T> x) : v(x) {}
  Pack(T x)
    requires(lanes<T> > 1)
      : v(broadcast(x)) {}

  static Pack at(const T* from) { return load(from); }
  void store(T* to) const { Eigen::internal::pstoreu(to, v); }

  friend Pack operator+(Pack a, Pack b) { return Eigen::internal::padd(a.v, b.v); }
  friend Pack operator-(Pack a, Pack b) { return Eigen::internal::psub(a.v, b.v); }
  friend Pack operator*(Pack a, Pack b) { return Eigen::internal::pmul(a.v, b.v); }
  friend Pack operator/(Pack a, Pack b) { return Eigen::internal::pdiv(a.v, b.v); }
};

// x y + z
template <Real T>
EIGEN_ALWAYS_INLINE Pack<T> fused(Pack<T> x, Pack<T> y, Pack<T> z) {
  return Eigen::internal::pmadd(x.v, y.v, z.v);
}
template <Real T>
EIGEN_ALWAYS_INLINE Pack<T> absolute(Pack<T> x) {
  return Eigen::internal::pabs(x.v);
}
template <Real T>
EIGEN_ALWAYS_INLINE Pack<T> negative(Pack<T> x) {
  return Eigen::internal::pnegate(x.v);
}
// x < 0 ? a : b; that of NaN is b.
template <Real T>
EIGEN_ALWAYS_INLINE Pack<T> where_negative(Pack<T> x, Pack<T> a, Pack<T> b) {
  using namespace Eigen::internal;
  return pselect(pcmp_lt(x.v, pzero(x.v)), a.v, b.v);
}

// 2^k in the fraction's low bits, as adding 1.5 * 2^52 leaves it there.
EIGEN_ALWAYS_INLINE Packet<double> power_of_two(Packet<double> shifted) {
#if defined(EIGEN_VECTORIZE_AVX512)
  const __m512i k = _mm512_add_epi64(_mm512_castpd_si512(shifted), _mm512_set1_epi64(1023));
  return _mm512_castsi512_pd(_mm512_slli_epi64(k, 52));
#elif defined(EIGEN_VECTORIZE_AVX2)
  const __m256i k = _mm256_add_epi64(_mm256_castpd_si256(shifted), _mm256_set1_epi64x(1023));
  return _mm256_castsi256_pd(_mm256_slli_epi64(k, 52));
#else
  double each[lanes<double>];
  Eigen::internal::pstoreu(each, shifted);
  for (double& x : each) x = std::bit_cast<double>((std::bit_cast<std::uint64_t>(x) + 1023) << 52);
  return load(each);
#endif
}

// e^x for x <= 0; what would be below the least normal number is about that. NaN stays NaN. The
// polynomial is that of losses/chunk.hpp.
EIGEN_ALWAYS_INLINE Pack<double> exponential_of_negative(Pack<double> x) {
  constexpr double c[] = {0.50000000000000010314,     0.1666666666666666746,
                          0.041666666666623820532,    0.0083333333333300381973,
                          0.0013888888917367080562,   0.00019841269863171556026,
                          0.000024801521057868205199, 2.7557268276905696187e-6,
                          2.7620201591031548778e-7,   2.5100472505694995992e-8};
  const Pack<double> shift = 6755399441055744.0;
  const Pack<double> in_range = Eigen::internal::pmax(broadcast(-708.39), x.v);
  const Pack<double> shifted = fused(in_range, Pack<double>(1.4426950408889634), shift);
  const Pack<double> k = shifted - shift;
  const Pack<double> r = fused(k, Pack<double>(-1.9082149292705877e-10),
                               fused(k, Pack<double>(-0.69314718036912381649), in_range));
  const Pack<double> r2 = r * r;
  Pack<double> even = c[8], odd = c[9];
  for (int i = 6; i >= 2; i -= 2) even = fused(even, r2, Pack<double>(c[i]));
  for (int i = 7; i >= 1; i -= 2) odd = fused(odd, r2, Pack<double>(c[i]));
  const Pack<double> tail = fused(r2, fused(r2, even, fused(r, odd, Pack<double>(c[0]))), r);
  const Pack<double> e = Pack<double>(1.0) + tail;
  return e * Pack<double>(power_of_two(shifted.v));
}
EIGEN_ALWAYS_INLINE Pack<float> exponential_of_negative(Pack<float> x) {
  return Eigen::internal::pexp(x.v);
}

// log(1 + t) = 2 artanh(s), s = t / (2 + t), for t in [0, 1]: nothing is rounded off a small t.
template <Real T>
EIGEN_ALWAYS_INLINE Pack<T> log_one_plus(Pack<T> t) {
  constexpr double c[] = {0.99999999999999995579,  0.33333333333341287164,  0.19999999997643800004,
                          0.14285714555828580111,  0.11111095430673142019,  0.090914299002369554786,
                          0.076818381244458171292, 0.067956527427899469179, 0.049403945243823931204,
                          0.088903819130566514469};
  const Pack<T> s = t / (Pack<T>(T(2)) + t), z = s * s;
  Pack<T> sum = T(c[9]);
  for (int k = 8; k >= 0; --k) sum = fused(sum, z, Pack<T>(T(c[k])));
  return Pack<T>(T(2)) * s * sum;
}

}  // namespace
}  // namespace hessopt::kernels
