// Numbers of the counter-based generator: bits, masks, normal numbers.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

inline constexpr Index superblock_size = 2048;  // elements that are drawn together
inline constexpr int superblock_words = 64;     // and the words that hold a bit of each

struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
};

// Bits that are one with the probability 0.d1 d2 .. d64 in binary, or zero if `inverted`.
struct BernoulliLaw {
  std::uint64_t digits;
  int planes;  // the digits after these are zero
  bool inverted;
};

struct MaskLaw {
  BernoulliLaw law;
  Stream stream;
};

struct RandomKernels {
  // The 2048 bits of plane q of a superblock.
  void (*plane)(const Stream&, std::uint64_t superblock, std::uint32_t q,
                std::uint32_t* words) noexcept;
  // The bits of a superblock under the law. Returns how many random bits were drawn.
  Index (*superblock)(const MaskLaw&, std::uint64_t superblock, std::uint32_t* ones) noexcept;
  // Elements offset .. offset + size of a mask, in little bit order and a byte each.
  void (*pack)(const MaskLaw&, Index offset, Index size, std::uint8_t* out) noexcept;
  void (*spread)(const MaskLaw&, Index offset, Index size, bool* out) noexcept;
  // Of the standard normal law.
  void (*normal_f32)(const Stream&, Index offset, Index size, float* out) noexcept;
  void (*normal_f64)(const Stream&, Index offset, Index size, double* out) noexcept;
};

}  // namespace hessopt::kernels
