// Eigen's SIMD register of T, for kernels that place their operands by hand.
#pragma once

#include "hessopt/core/types.hpp"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // a register as a template argument
#endif

namespace hessopt::kernels {

template <Real T>
using Packet = typename Eigen::internal::packet_traits<T>::type;

template <Real T>
inline constexpr Index lanes = Eigen::internal::packet_traits<T>::size;

// As many packets as a packet has lanes, to be transposed.
template <Real T>
using PacketSquare = Eigen::internal::PacketBlock<Packet<T>, static_cast<int>(lanes<T>)>;

template <Real T>
Packet<T> load(const T* from) {
  return Eigen::internal::ploadu<Packet<T>>(from);
}
// The same from numbers of half the width, each of which a double holds exactly.
template <Real T>
EIGEN_ALWAYS_INLINE Packet<double> load_wide(const T* from) {
  if constexpr (std::same_as<T, double>) {
    return load(from);
  } else {
#if defined(EIGEN_VECTORIZE_AVX512)
    return _mm512_cvtps_pd(_mm256_loadu_ps(from));
#elif defined(EIGEN_VECTORIZE_AVX)
    return _mm256_cvtps_pd(_mm_loadu_ps(from));
#else
    double wide[lanes<double>];  // that compilers see through, up to this width
    for (Index l = 0; l < lanes<double>; ++l) wide[l] = from[l];
    return load(wide);
#endif
  }
}
template <Real T>
Packet<T> broadcast(T value) {
  return Eigen::internal::pset1<Packet<T>>(value);
}

// Has a packet read once and kept: compilers like to read it again as an operand of every use, and
// a kernel that reuses its packets then waits for loads.
template <class P>
EIGEN_ALWAYS_INLINE void keep_in_register([[maybe_unused]] P& packet) {
#if defined(__GNUC__) && defined(EIGEN_VECTORIZE_AVX512)
  asm("" : "+v"(packet));
#elif defined(__GNUC__) && defined(EIGEN_VECTORIZE_SSE)
  asm("" : "+x"(packet));
#elif defined(__GNUC__) && defined(EIGEN_VECTORIZE_NEON) && defined(__aarch64__)
  asm("" : "+w"(packet));
#endif
}

}  // namespace hessopt::kernels

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
