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

// The mask of layer l of a sample, in state.mask.
template <Real T>
void draw_mask(const Architecture& network, const Masks& masks, Index l, Index sample,
               BlockState<T>& state);

// to = mask o from, where there is something; both may be the same.
template <Real T>
void apply_mask(const BlockState<T>& state, Index units, const LayerBlock<T>& from,
                LayerBlock<T>& to);

}  // namespace hessopt
