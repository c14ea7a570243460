#include "hessopt/networks/dropout.hpp"

#include "hessopt/dropout/mask.hpp"
#include "hessopt/dropout/noise.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

template <Real T>
void put_mask(const Architecture& network, const Masks& masks, Index l, Index sample,
              BlockState<T>& state, const LayerBlock<T>& from, LayerBlock<T>& to) {
  const Index width = network.width(l);
  const Dropout law{network.rate(l), masks.seed};
  const auto stream = static_cast<std::uint32_t>(sample * network.depth() + l);
  const Mask mask(law.keep(), law.seed, stream);
  const T scale = static_cast<T>(law.factor_of_kept());
  // Rows that follow each other share what is drawn at a time.
  for (Index i = 0, end = 1; i < state.count; i = end++) {
    while (end < state.count && state.index[end] == state.index[end - 1] + 1) ++end;
    kernels::dropout<T>().numbers(mask, state.index[i] * width, (end - i) * width, scale,
                                  state.drawn + i * width);
  }
  const T* const sources[] = {from.a, from.slope, from.bend};
  T* const targets[] = {to.a, to.slope, to.bend};
  kernels::networks<T>().mask(state.count, width, state.drawn, sources, targets);
}

template void put_mask(const Architecture&, const Masks&, Index, Index, BlockState<float>&,
                       const LayerBlock<float>&, LayerBlock<float>&);
template void put_mask(const Architecture&, const Masks&, Index, Index, BlockState<double>&,
                       const LayerBlock<double>&, LayerBlock<double>&);

}  // namespace hessopt
