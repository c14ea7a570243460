// Which random bits an element owns: (seed, stream, element) -> counter of Philox.
//
// Elements are grouped in superblocks of 2048 by absolute index. In bit plane q of superblock s the
// lanes l = 0..15 give
//   (x0 .. x3) = philox(counter = (lo32(16 s + l), hi32(16 s + l), q, stream), key = seed),
// and element e = 2048 s + 32 w + b owns bit b of x_i, with w = 16 i + l. This definition is part
// of the public interface: it never changes with machine, instruction set, threads or batches.
#pragma once

#include <cstdint>

#include "hessopt/core/types.hpp"
#include "hessopt/random/philox.hpp"

namespace hessopt {

inline constexpr Index superblock_size = 2048;
inline constexpr int superblock_words = 64;
inline constexpr int superblock_lanes = 16;

// What a thread takes at a time: enough that a team is worth its start.
inline constexpr Index elements_per_task = 32 * superblock_size;

struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;

  // Lanes l = lane .. lane + PhiloxLanes::size of a superblock, for one plane after another.
  PhiloxLanes lanes(std::uint64_t superblock, int lane) const {
    return {seed, superblock_lanes * superblock + static_cast<std::uint64_t>(lane), stream};
  }
  // The 2048 bits of one plane by itself.
  HESSOPT_NOINLINE void plane(std::uint64_t superblock, std::uint32_t q,
                              std::uint32_t* words) const {
    for (int lane = 0; lane < superblock_lanes; lane += PhiloxLanes::size) {
      Lanes random[4][PhiloxLanes::registers];
      lanes(superblock, lane)(q, random);
      for (int i = 0; i < 4; ++i)
        PhiloxLanes::store(random[i], words + superblock_lanes * i + lane);
    }
  }
};

}  // namespace hessopt
