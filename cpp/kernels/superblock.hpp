// The bits of a superblock: of one plane, and under a Bernoulli law.
#pragma once

#include <cstdint>

#include "hessopt/kernels/random.hpp"
#include "philox_lanes.hpp"

namespace hessopt::kernels {
namespace {

constexpr int superblock_lanes = 16;

// Lanes l = lane .. lane + PhiloxLanes::size of a superblock, for one plane after another.
inline PhiloxLanes lanes_of(const Stream& stream, std::uint64_t superblock, int lane) {
  return {stream.seed, superblock_lanes * superblock + static_cast<std::uint64_t>(lane),
          stream.stream};
}

// The 2048 bits of one plane by itself.
HESSOPT_NOINLINE inline void draw_plane(const Stream& stream, std::uint64_t superblock,
                                        std::uint32_t q, std::uint32_t* words) {
  for (int lane = 0; lane < superblock_lanes; lane += PhiloxLanes::size) {
    Lanes random[4][PhiloxLanes::registers];
    lanes_of(stream, superblock, lane)(q, random);
    for (int i = 0; i < 4; ++i) PhiloxLanes::store(random[i], words + superblock_lanes * i + lane);
  }
}

// Words 16 i + l, i = 0..3, of the lanes l that are drawn together.
EIGEN_ALWAYS_INLINE Index draw_lanes(const BernoulliLaw& law, const PhiloxLanes& lanes,
                                     std::uint32_t* ones) {
  constexpr int registers = PhiloxLanes::registers;
  Lanes one[4][registers], undecided[4][registers], random[4][registers];
  for (int i = 0; i < 4; ++i)
    for (int r = 0; r < registers; ++r) {
      one[i][r] = Lanes::fill(law.inverted ? ~0u : 0u);
      undecided[i][r] = Lanes::fill(~0u);
    }
  int q = 0;
  for (bool left = true; left && q < law.planes; ++q) {
    lanes(static_cast<std::uint32_t>(q), random);
    // Where the digit of p is 1, a random 0 decides U < p; where it is 0, a random 1 decides that
    // U > p.
    const bool digit = (law.digits >> (63 - q) & 1) != 0;
    Lanes any = Lanes::fill(0);
    for (int i = 0; i < 4; ++i)
      for (int r = 0; r < registers; ++r) {
        const Lanes zero = without(undecided[i][r], random[i][r]);
        if (digit) {
          one[i][r] = one[i][r] ^ zero;
          undecided[i][r] = undecided[i][r] ^ zero;
        } else {
          undecided[i][r] = zero;
        }
        any = any | undecided[i][r];
      }
    left = any.any();
  }
  for (int i = 0; i < 4; ++i) PhiloxLanes::store(one[i], ones + superblock_lanes * i);
  return 128 * Index{q} * PhiloxLanes::size;
}

// Bits of the elements 2048 index + 32 w + b in ones[w]. Returns how many random bits were drawn.
HESSOPT_NOINLINE inline Index draw_superblock(const MaskLaw& mask, std::uint64_t index,
                                              std::uint32_t* ones) {
  Index drawn = 0;
  for (int lane = 0; lane < superblock_lanes; lane += PhiloxLanes::size)
    drawn += draw_lanes(mask.law, lanes_of(mask.stream, index, lane), ones + lane);
  return drawn;
}

}  // namespace
}  // namespace hessopt::kernels
