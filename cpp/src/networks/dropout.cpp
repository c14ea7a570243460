#include "hessopt/networks/dropout.hpp"

#include "hessopt/dropout/mask.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

template <Real T>
void draw_mask(const Architecture& network, const Masks& masks, Index l, Index sample,
               BlockState<T>& state) {
  const Index width = network.width(l);
  const double keep = 1 - network.rate(l);
  const auto stream = static_cast<std::uint32_t>(sample * network.depth() + l);
  const Mask law(keep, masks.seed, stream);
  const T scale = static_cast<T>(1 / keep);
  const auto draw = [&](Index from, Index count) {
    kernels::dropout<T>().numbers(law, state.index[from] * width, count * width, scale,
                                  state.drawn + from * width);
  };
  // Rows that follow each other share what is drawn at a time.
  for (Index from = 0, to = 1; from < state.count; from = to++) {
    while (to < state.count && state.index[to] == state.index[to - 1] + 1) ++to;
    draw(from, to - from);
  }
  const T* row[kernels::network_rows];
  for (Index i = 0; i < state.count; ++i) row[i] = state.drawn + i * width;
  kernels::networks<T>().transpose(state.count, width, row, 1, state.mask);
}

template <Real T>
void apply_mask(const BlockState<T>& state, Index units, const LayerBlock<T>& from,
                LayerBlock<T>& to) {
  const auto multiply = [&](const T* x, T* out) {
    if (out != nullptr) kernels::networks<T>().multiply(state.rows, units, x, state.mask, out);
  };
  multiply(from.a, to.a);
  multiply(from.slope, to.slope);
  multiply(from.bend, to.bend);
}

template void draw_mask(const Architecture&, const Masks&, Index, Index, BlockState<float>&);
template void draw_mask(const Architecture&, const Masks&, Index, Index, BlockState<double>&);
template void apply_mask(const BlockState<float>&, Index, const LayerBlock<float>&,
                         LayerBlock<float>&);
template void apply_mask(const BlockState<double>&, Index, const LayerBlock<double>&,
                         LayerBlock<double>&);

}  // namespace hessopt
