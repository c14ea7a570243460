// A block of rows and of their targets, read into the state of a pass.
#pragma once

#include "hessopt/networks/block.hpp"
#include "hessopt/networks/network_data.hpp"

namespace hessopt {

// Rows begin .. begin + count of the data in x, or of x itself where there are no data.
template <Real T>
void read_block(const MatrixView<T>& x, const NetworkData* data, Index begin, Index count,
                BlockState<T>& state);

// Their targets, and their weights, a share of `samples` each.
void read_targets(const NetworkData& data, Index samples, Index begin, OutputBlock& out,
                  Index count);

// Their shares in statistics of all rows: the weights alone, zeros after them.
template <Real T>
void read_shares(const NetworkData& data, Index begin, BlockState<T>& state);

}  // namespace hessopt
