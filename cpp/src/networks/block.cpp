#include "hessopt/networks/block.hpp"

#include "hessopt/networks/layout.hpp"

namespace hessopt {

template <Real T>
BlockState<T>::BlockState(const Architecture& network, BlockParts parts)
    : network_(&network), parts_(parts), layers_(static_cast<std::size_t>(network.depth() + 1)) {
  point_bytes_ = lay_out_point(nullptr);
  rest_bytes_ = lay_out_rest(nullptr);
}

template <Real T>
Index BlockState<T>::lay_out_point(char* start) {
  Layout layout(start);
  const Index depth = network_->depth();
  const auto columns = [&](T*& array, Index l, bool wanted) {
    if (wanted) layout.take(array, network_->width(l) * kernels::network_stride<T>);
  };
  for (Index l = 1; l <= depth; ++l) {
    LayerBlock<T>& layer = (*this)[l];
    const bool hidden = l < depth;
    columns(layer.unit, l, network_->layer(l).norm.has_value());
    columns(layer.a, l, true);
    columns(layer.slope, l, hidden && (parts_.reverse || parts_.along));
    columns(layer.bend, l, hidden && parts_.curved);
    columns(layer.d, l, parts_.reverse);
    columns(layer.e, l, hidden && parts_.curved);
  }
  const Index outputs = network_->width(depth) * OutputBlock::stride;
  layout.take(output.outputs, outputs);
  layout.take(output.second, outputs);
  layout.take(output.top, OutputBlock::stride);
  layout.take(output.rest, OutputBlock::stride);
  return layout.used();
}

template <Real T>
Index BlockState<T>::lay_out_rest(char* start) {
  Layout layout(start);
  const Index depth = network_->depth(), first = network_->first_masked();
  const auto columns = [&](T*& array, Index l, bool wanted) {
    if (wanted) layout.take(array, network_->width(l) * kernels::network_stride<T>);
  };
  columns((*this)[0].a, 0, true);
  if (!network_->barriers().empty()) layout.take(weight, kernels::network_rows);
  for (Index l = 1; l <= depth; ++l) {
    LayerBlock<T>& layer = (*this)[l];
    columns(layer.runit, l, parts_.along && network_->layer(l).norm);
    columns(layer.rz, l, parts_.along);
    columns(layer.ra, l, l < depth && parts_.along);
    columns(layer.rd, l, parts_.along);
  }
  if (network_->has_masks()) {
    const bool hidden = first > 0;
    columns(common.a, first, true);
    columns(common.slope, first, hidden && (parts_.reverse || parts_.along));
    columns(common.bend, first, hidden && parts_.curved);
    columns(common.d, first, hidden && parts_.reverse);
    columns(common.rd, first, hidden && parts_.along);
    layout.take(drawn, network_->widest() * kernels::network_rows);
  }
  const Index outputs = network_->width(depth) * OutputBlock::stride;
  layout.take(output.target, outputs);
  layout.take(output.weight, OutputBlock::stride);
  layout.take(output.first, outputs);
  layout.take(output.loss, OutputBlock::stride);
  layout.take(curved, outputs);
  return layout.used();
}

template class BlockState<float>;
template class BlockState<double>;

}  // namespace hessopt
