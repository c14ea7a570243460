// Bits of a mask put on the lanes of a SIMD register: the others become +0, also where they are
// NaN.
#pragma once

#include <array>
#include <cstdint>

#include "packet.hpp"

namespace hessopt::kernels {
namespace {

// All ones in the lanes that are set in the index.
template <class Bits, Index Lanes>
inline constexpr auto lane_masks = [] {
  std::array<std::array<Bits, Lanes>, std::size_t{1} << Lanes> masks{};
  for (std::size_t i = 0; i < masks.size(); ++i)
    for (std::size_t l = 0; l < masks[i].size(); ++l)
      masks[i][l] = (i >> l & 1) != 0 ? ~Bits{0} : Bits{0};
  return masks;
}();

template <Real T>
EIGEN_ALWAYS_INLINE Packet<T> keep_lanes_by_table(const Packet<T>& x, std::uint32_t bits) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr auto& masks = lane_masks<Bits, lanes<T>>;
  return Eigen::internal::pand(x, Eigen::internal::ploadu<Packet<T>>(reinterpret_cast<const T*>(
                                      masks[bits & (masks.size() - 1)].data())));
}

// Lane l of x where bit `first` + l of the word is one.
template <Real T>
EIGEN_ALWAYS_INLINE Packet<T> keep_lanes(const Packet<T>& x, std::uint32_t word, Index first) {
#if defined(EIGEN_VECTORIZE_AVX512)
  if constexpr (lanes<T> == 16)
    return _mm512_maskz_mov_ps(static_cast<__mmask16>(word >> first), x);
  else if constexpr (lanes<T> == 8)
    return _mm512_maskz_mov_pd(static_cast<__mmask8>(word >> first), x);
  else
#elif defined(EIGEN_VECTORIZE_AVX2)
  if constexpr (lanes<T> == 8) {  // the bit of each lane is moved to its sign
    const __m256i left = _mm256_sub_epi32(_mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24),
                                          _mm256_set1_epi32(static_cast<int>(first)));
    const __m256i signs = _mm256_sllv_epi32(_mm256_set1_epi32(static_cast<int>(word)), left);
    return _mm256_blendv_ps(_mm256_setzero_ps(), x, _mm256_castsi256_ps(signs));
  } else
#endif
    return keep_lanes_by_table<T>(x, word >> first);
}

}  // namespace
}  // namespace hessopt::kernels
