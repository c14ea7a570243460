// The order that an epoch goes through the rows in: a function of (seed, epoch, how many rows).
#pragma once

#include <cstdint>
#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

// Fewer than 2^32 rows. R. Durstenfeld, "Algorithm 235: random permutation", CACM 7 (1964).
void shuffle_rows(std::uint64_t seed, Index epoch, std::vector<Index>& rows);

}  // namespace hessopt
