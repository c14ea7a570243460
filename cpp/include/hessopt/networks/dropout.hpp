// Dropout on a block of rows: fixed masks, a function of the row's index, not of where it stands in
// a batch. The mask of sample k at layer l is that of stream k L + l, and element i w_l + j of it
// belongs to unit j in row i. What is kept is divided by the probability that it is.
#pragma once

#include <cstdint>

#include "hessopt/networks/block.hpp"

namespace hessopt {

struct Masks {
  std::uint64_t seed = 0;
  Index samples = 1;  // averaged
};

// to = s o from, a, slope and bend where there are any, with s the mask of layer l of a sample.
// Both may be the same.
template <Real T>
void put_mask(const Architecture& network, const Masks& masks, Index l, Index sample,
              BlockState<T>& state, const LayerBlock<T>& from, LayerBlock<T>& to);

}  // namespace hessopt
