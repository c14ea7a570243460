#include "hessopt/networks/read_block.hpp"

#include <algorithm>

namespace hessopt {

template <Real T>
void read_block(const MatrixView<T>& x, const NetworkData* data, Index begin, Index count,
                BlockState<T>& state) {
  state.count = count;
  state.rows = (count + kernels::network_step - 1) / kernels::network_step * kernels::network_step;
  for (Index i = 0; i < count; ++i) {
    state.index[i] = data != nullptr ? data->row(begin + i) : begin + i;
    state.row[i] = x.data + state.index[i] * x.row_stride;
  }
}

void read_targets(const NetworkData& data, Index samples, Index begin, OutputBlock& out,
                  Index count) {
  const auto parts = static_cast<double>(samples);
  out.count = count;
  for (Index k = 0; k < data.target().cols(); ++k)
    std::copy_n(&data.target()(begin, k), count, out.target + k * OutputBlock::stride);
  out.weights = {nullptr, data.weight(begin) / parts};
  if (!data.is_weighted()) return;
  for (Index i = 0; i < count; ++i) out.weight[i] = data.weight(begin + i);
  out.weights = {out.weight, 1 / parts};
}

template <Real T>
void read_shares(const NetworkData& data, Index begin, BlockState<T>& state) {
  if (state.weight == nullptr) return;
  for (Index i = 0; i < state.count; ++i) state.weight[i] = static_cast<T>(data.weight(begin + i));
  std::fill(state.weight + state.count, state.weight + state.rows, T{0});
}

template void read_shares(const NetworkData&, Index, BlockState<float>&);
template void read_shares(const NetworkData&, Index, BlockState<double>&);
template void read_block(const MatrixView<float>&, const NetworkData*, Index, Index,
                         BlockState<float>&);
template void read_block(const MatrixView<double>&, const NetworkData*, Index, Index,
                         BlockState<double>&);

}  // namespace hessopt
