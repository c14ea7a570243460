// Which random bits an element owns: (seed, stream, element) -> counter of Philox.
//
// Elements are grouped in superblocks of 2048 by absolute index. In bit plane q of superblock s the
// lanes l = 0..15 give
//   (x0 .. x3) = philox(counter = (lo32(16 s + l), hi32(16 s + l), q, stream), key = seed),
// and element e = 2048 s + 32 w + b owns bit b of x_i, with w = 16 i + l. This definition is part
// of the public interface: it never changes with machine, instruction set, threads or batches.
#pragma once

#include "hessopt/core/types.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

using kernels::Stream;
using kernels::superblock_size;
using kernels::superblock_words;

// What a thread takes at a time: enough that a team is worth its start.
inline constexpr Index elements_per_task = 32 * superblock_size;

}  // namespace hessopt
