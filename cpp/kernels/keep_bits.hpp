// Bits applied to numbers: out = x * scale where the bit is one, else +0, also where x is NaN.
//
// A packed mask is a row of 32-bit words. The instruction sets differ in how a bit becomes a
// choice: with AVX-512 the bits are the mask register, with AVX2 each lane shifts its bit to the
// sign, which is what a masked load looks at, with SSE2 each lane tests its bit.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt::kernels {
namespace {

// Where the results go: into the cache as usual, or past it to memory, `out` being aligned to 64
// bytes, where they would evict what is used.
enum class Store { cached, streamed };

template <Real T>
T kept_or_zero(std::uint32_t bit, T value) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return std::bit_cast<T>(std::bit_cast<Bits>(value) & (Bits{0} - Bits{bit}));
}

// 32 elements.
#if defined(EIGEN_VECTORIZE_AVX512)

template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, float scale, const float* x, float* out) {
  for (int b = 0; b < 32; b += 16) {
    const __m512 y = _mm512_maskz_mul_ps(static_cast<__mmask16>(word >> b), _mm512_loadu_ps(x + b),
                                         _mm512_set1_ps(scale));
    if constexpr (store == Store::streamed)
      _mm512_stream_ps(out + b, y);
    else
      _mm512_storeu_ps(out + b, y);
  }
}
template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, double scale, const double* x, double* out) {
  for (int b = 0; b < 32; b += 8) {
    const __m512d y = _mm512_maskz_mul_pd(static_cast<__mmask8>(word >> b), _mm512_loadu_pd(x + b),
                                          _mm512_set1_pd(scale));
    if constexpr (store == Store::streamed)
      _mm512_stream_pd(out + b, y);
    else
      _mm512_storeu_pd(out + b, y);
  }
}

#elif defined(EIGEN_VECTORIZE_AVX2)

template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, float scale, const float* x, float* out) {
  const __m256i words = _mm256_set1_epi32(static_cast<int>(word));
  for (int b = 0; b < 32; b += 8) {
    const int s = 31 - b;
    const __m256i sign = _mm256_sllv_epi32(
        words, _mm256_setr_epi32(s, s - 1, s - 2, s - 3, s - 4, s - 5, s - 6, s - 7));
    const __m256 y = _mm256_mul_ps(_mm256_maskload_ps(x + b, sign), _mm256_set1_ps(scale));
    if constexpr (store == Store::streamed)
      _mm256_stream_ps(out + b, y);
    else
      _mm256_storeu_ps(out + b, y);
  }
}
template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, double scale, const double* x, double* out) {
  const __m256i words = _mm256_set1_epi64x(word);
  for (int b = 0; b < 32; b += 4) {
    const int s = 63 - b;
    const __m256i sign = _mm256_sllv_epi64(words, _mm256_setr_epi64x(s, s - 1, s - 2, s - 3));
    const __m256d y = _mm256_mul_pd(_mm256_maskload_pd(x + b, sign), _mm256_set1_pd(scale));
    if constexpr (store == Store::streamed)
      _mm256_stream_pd(out + b, y);
    else
      _mm256_storeu_pd(out + b, y);
  }
}

#elif defined(EIGEN_VECTORIZE_SSE2)

template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, float scale, const float* x, float* out) {
  const __m128i lanes = _mm_setr_epi32(1, 2, 4, 8);
  __m128i words = _mm_set1_epi32(static_cast<int>(word));
  for (int b = 0; b < 32; b += 4) {
    const __m128i one = _mm_cmpeq_epi32(_mm_and_si128(words, lanes), lanes);
    const __m128 y =
        _mm_and_ps(_mm_mul_ps(_mm_loadu_ps(x + b), _mm_set1_ps(scale)), _mm_castsi128_ps(one));
    if constexpr (store == Store::streamed)
      _mm_stream_ps(out + b, y);
    else
      _mm_storeu_ps(out + b, y);
    words = _mm_srli_epi32(words, 4);
  }
}
template <Store store>
EIGEN_ALWAYS_INLINE void keep_word(std::uint32_t word, double scale, const double* x, double* out) {
  const __m128i lanes = _mm_setr_epi32(1, 1, 2, 2);
  __m128i words = _mm_set1_epi32(static_cast<int>(word));
  for (int b = 0; b < 32; b += 2) {
    const __m128i one = _mm_cmpeq_epi32(_mm_and_si128(words, lanes), lanes);
    const __m128d y =
        _mm_and_pd(_mm_mul_pd(_mm_loadu_pd(x + b), _mm_set1_pd(scale)), _mm_castsi128_pd(one));
    if constexpr (store == Store::streamed)
      _mm_stream_pd(out + b, y);
    else
      _mm_storeu_pd(out + b, y);
    words = _mm_srli_epi32(words, 2);
  }
}

#else

template <Store, Real T>
void keep_word(std::uint32_t word, T scale, const T* x, T* out) {
  for (int b = 0; b < 32; ++b) out[b] = kept_or_zero(word >> b & 1u, x[b] * scale);
}

#endif

// Element 32 w + b by bit b of word w.
template <Store store = Store::cached, Real T>
HESSOPT_NOINLINE void keep_bits(const std::uint32_t* words, Index count, T scale, const T* x,
                                T* out) {
  const Index whole = count / 32 * 32;
  for (Index e = 0; e < whole; e += 32) keep_word<store>(words[e / 32], scale, x + e, out + e);
  for (Index e = whole; e < count; ++e)
    out[e] = kept_or_zero(words[e / 32] >> (e % 32) & 1u, x[e] * scale);
}

}  // namespace
}  // namespace hessopt::kernels
