// A register of 64-bit cells, with the few operations that counter-based random bits are made of.
//
// Philox multiplies 32-bit numbers to 64 bits. All levels of x86 do that for the low halves of
// 64-bit cells, so a counter has a cell for each of its four words while it is worked on, with
// anything in the high half; two registers of cells interleave to one of 32-bit words at the end.
#pragma once

#include <cstdint>

#include "hessopt/core/types.hpp"

namespace hessopt::kernels {
namespace {

#if defined(EIGEN_VECTORIZE_AVX512)

struct Lanes {
  static constexpr int cells = 8;
  __m512i v;

  static Lanes fill(std::uint32_t x) { return {_mm512_set1_epi32(static_cast<int>(x))}; }
  static Lanes even() { return {_mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14)}; }
  static Lanes load(const std::uint64_t* from) { return {_mm512_loadu_si512(from)}; }
  void store(std::uint32_t* to) const { _mm512_storeu_si512(to, v); }
  bool any() const { return _mm512_test_epi32_mask(v, v) != 0; }
};
EIGEN_ALWAYS_INLINE Lanes product(Lanes a, Lanes b) { return {_mm512_mul_epu32(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes high(Lanes a) { return {_mm512_srli_epi64(a.v, 32)}; }
EIGEN_ALWAYS_INLINE Lanes interleave(Lanes even, Lanes odd) {
  return {_mm512_mask_blend_epi32(0xAAAA, even.v, _mm512_slli_epi64(odd.v, 32))};
}
EIGEN_ALWAYS_INLINE Lanes operator|(Lanes a, Lanes b) { return {_mm512_or_si512(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes operator^(Lanes a, Lanes b) { return {_mm512_xor_si512(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes without(Lanes a, Lanes b) { return {_mm512_andnot_si512(b.v, a.v)}; }
EIGEN_ALWAYS_INLINE Lanes xor3(Lanes a, Lanes b, Lanes c) {
  return {_mm512_ternarylogic_epi64(a.v, b.v, c.v, 0x96)};
}

#elif defined(EIGEN_VECTORIZE_AVX2)

struct Lanes {
  static constexpr int cells = 4;
  __m256i v;

  static Lanes fill(std::uint32_t x) { return {_mm256_set1_epi32(static_cast<int>(x))}; }
  static Lanes even() { return {_mm256_setr_epi64x(0, 2, 4, 6)}; }
  static Lanes load(const std::uint64_t* from) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
  }
  void store(std::uint32_t* to) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }
  bool any() const { return _mm256_testz_si256(v, v) == 0; }
};
EIGEN_ALWAYS_INLINE Lanes product(Lanes a, Lanes b) { return {_mm256_mul_epu32(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes high(Lanes a) { return {_mm256_srli_epi64(a.v, 32)}; }
EIGEN_ALWAYS_INLINE Lanes interleave(Lanes even, Lanes odd) {
  return {_mm256_blend_epi32(even.v, _mm256_slli_epi64(odd.v, 32), 0xAA)};
}
EIGEN_ALWAYS_INLINE Lanes operator|(Lanes a, Lanes b) { return {_mm256_or_si256(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes operator^(Lanes a, Lanes b) { return {_mm256_xor_si256(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes without(Lanes a, Lanes b) { return {_mm256_andnot_si256(b.v, a.v)}; }
EIGEN_ALWAYS_INLINE Lanes xor3(Lanes a, Lanes b, Lanes c) { return a ^ (b ^ c); }

#elif defined(EIGEN_VECTORIZE_SSE2)

struct Lanes {
  static constexpr int cells = 2;
  __m128i v;

  static Lanes fill(std::uint32_t x) { return {_mm_set1_epi32(static_cast<int>(x))}; }
  static Lanes even() { return {_mm_set_epi64x(2, 0)}; }
  static Lanes load(const std::uint64_t* from) {
    return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))};
  }
  void store(std::uint32_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), v); }
  bool any() const { return _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) != 0xFFFF; }
};
EIGEN_ALWAYS_INLINE Lanes product(Lanes a, Lanes b) { return {_mm_mul_epu32(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes high(Lanes a) { return {_mm_srli_epi64(a.v, 32)}; }
EIGEN_ALWAYS_INLINE Lanes interleave(Lanes even, Lanes odd) {
  const __m128i low = _mm_set1_epi64x(0xFFFFFFFF);
  return {_mm_or_si128(_mm_and_si128(even.v, low), _mm_slli_epi64(odd.v, 32))};
}
EIGEN_ALWAYS_INLINE Lanes operator|(Lanes a, Lanes b) { return {_mm_or_si128(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes operator^(Lanes a, Lanes b) { return {_mm_xor_si128(a.v, b.v)}; }
EIGEN_ALWAYS_INLINE Lanes without(Lanes a, Lanes b) { return {_mm_andnot_si128(b.v, a.v)}; }
EIGEN_ALWAYS_INLINE Lanes xor3(Lanes a, Lanes b, Lanes c) { return a ^ (b ^ c); }

#else

struct Lanes {
  static constexpr int cells = 4;
  std::uint64_t v[cells];

  template <class F>
  static Lanes each(F&& f) {
    Lanes out;
    for (int i = 0; i < cells; ++i) out.v[i] = f(i);
    return out;
  }
  static Lanes fill(std::uint32_t x) {
    return each([x](int) { return std::uint64_t{x} << 32 | x; });
  }
  static Lanes even() {
    return each([](int i) { return 2 * static_cast<std::uint64_t>(i); });
  }
  static Lanes load(const std::uint64_t* from) {
    return each([from](int i) { return from[i]; });
  }
  void store(std::uint32_t* to) const {
    for (int i = 0; i < cells; ++i) {
      to[2 * i] = static_cast<std::uint32_t>(v[i]);
      to[2 * i + 1] = static_cast<std::uint32_t>(v[i] >> 32);
    }
  }
  bool any() const { return (v[0] | v[1] | v[2] | v[3]) != 0; }
};
inline Lanes product(const Lanes& a, const Lanes& b) {
  constexpr std::uint64_t low = 0xFFFFFFFF;
  return Lanes::each([&](int i) { return (a.v[i] & low) * (b.v[i] & low); });
}
inline Lanes high(const Lanes& a) {
  return Lanes::each([&](int i) { return a.v[i] >> 32; });
}
inline Lanes interleave(const Lanes& even, const Lanes& odd) {
  return Lanes::each([&](int i) { return (even.v[i] & 0xFFFFFFFF) | odd.v[i] << 32; });
}
inline Lanes operator|(const Lanes& a, const Lanes& b) {
  return Lanes::each([&](int i) { return a.v[i] | b.v[i]; });
}
inline Lanes operator^(const Lanes& a, const Lanes& b) {
  return Lanes::each([&](int i) { return a.v[i] ^ b.v[i]; });
}
inline Lanes without(const Lanes& a, const Lanes& b) {
  return Lanes::each([&](int i) { return a.v[i] & ~b.v[i]; });
}
inline Lanes xor3(const Lanes& a, const Lanes& b, const Lanes& c) { return a ^ (b ^ c); }

#endif

}  // namespace
}  // namespace hessopt::kernels
