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

struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  bool antithetic = false;  // every bit complemented: U becomes 1 - U

  // The 2048 bits of plane q: words[w], little bit order.
  HESSOPT_NOINLINE void plane(std::uint64_t superblock, std::uint32_t q,
                              std::uint32_t (&words)[superblock_words]) const {
    constexpr int lanes = 16;
    std::uint32_t x[4][lanes];
    const std::uint64_t first = lanes * superblock;  // a multiple of 16: the low word never carries
    for (int l = 0; l < lanes; ++l) {
      x[0][l] = static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(l);
      x[1][l] = static_cast<std::uint32_t>(first >> 32);
      x[2][l] = q;
      x[3][l] = stream;
    }
    const Philox philox(seed);
    philox(x);
    const std::uint32_t flip = antithetic ? ~0u : 0u;
    for (int i = 0; i < 4; ++i)
      for (int l = 0; l < lanes; ++l) words[lanes * i + l] = x[i][l] ^ flip;
  }
};

}  // namespace hessopt
