#include "hessopt/networks/row_curvature.hpp"

#include <algorithm>

#include "hessopt/core/scratch.hpp"
#include "hessopt/networks/dense.hpp"
#include "hessopt/networks/layout.hpp"

namespace hessopt {
namespace {

Index last_barrier(const Architecture& network) {
  const std::vector<Index> barriers = network.barriers();
  return barriers.empty() ? 0 : barriers.back();
}

}  // namespace

template <Real T>
RowCurvature<T>::RowCurvature(const Architecture& network, bool gauss_newton)
    : state(network, {.reverse = true, .curved = !gauss_newton}),
      network_(&network),
      gauss_newton_(gauss_newton),
      j_end_(gauss_newton ? last_barrier(network) : network.depth()),
      inputs_(static_cast<std::size_t>(network.depth() + 1)),
      shares_(inputs_.size()),
      c_(inputs_.size() * inputs_.size()),
      j_(c_.size()) {
  bytes_ = lay_out(nullptr);
}

template <Real T>
Index RowCurvature<T>::c_columns(Index k, Index l) const {
  return k == l ? triangle(network_->width(l)) : network_->width(k) * network_->width(l);
}

template <Real T>
Index RowCurvature<T>::lay_out(char* start) {
  Layout layout(start);
  char* of_state;
  layout.take(of_state, state.bytes());
  if (start != nullptr) state.place(of_state);
  const Index depth = network_->depth();
  for (Index l = 1; l <= depth; ++l) {
    const Layer& layer = network_->layer(l);
    const auto own = static_cast<std::size_t>(l);
    layout.take(inputs_[own], (layer.norm ? 2 * layer.units : layer.fed()) * stride);
    if (layer.is_barrier() && l > 1) layout.take(shares_[own], 2 * layer.units * stride);
    for (Index k = l; k <= depth; ++k) {
      layout.take(c_[at(k, l)], c_columns(k, l) * stride);
      if (l < k && k < j_end_) layout.take(j_[at(k, l)], c_columns(k, l) * stride);
    }
  }
  return layout.used();
}

template <Real T>
void RowCurvature<T>::curve(const OutputLoss& loss, const T* x,
                            const std::vector<NormNumbers<T>>& norms) {
  norms_ = &norms;
  const Index depth = network_->depth(), widest = network_->widest();
  const auto column = stride * static_cast<Index>(sizeof(T));
  const Scratch scratch((widest + 1) * widest * column);
  T* full = static_cast<T*>(scratch.data());  // the C_ll at hand, width(l)^2 columns
  T* beside = full + widest * widest * stride;
  for (Index l = 1; l <= depth; ++l) feed(l);
  curve_outputs(loss, full);
  for (Index l = depth - 1; l >= 1; --l) {
    for (Index k = depth; k > l; --k) curve_below(k, l, k == l + 1 ? full : c(k, l + 1), x);
    curve_own(l, beside, x);
    if (l > 1) unpack(l, full);
    for (Index k = l + 1; k < j_end_; ++k) derive(k, l, x);
  }
  for (const Index l : network_->barriers())
    if (l > 1) share(l, norms[static_cast<std::size_t>(l)]);
}

template <Real T>
void RowCurvature<T>::feed(Index l) {
  const Layer& layer = network_->layer(l);
  T* to = inputs_[static_cast<std::size_t>(l)];
  if (!layer.norm) {
    const Index size = layer.inputs * stride;
    std::copy_n(state[l - 1].a, size, to);
    if (layer.has_bias) std::fill_n(to + size, stride, T{1});
    return;
  }
  for (Index p = 0; p < layer.units; ++p, to += 2 * stride) {
    std::copy_n(state[l].unit + p * stride, stride, to);
    std::fill_n(to + stride, stride, T{1});
  }
}

// w, and w (u - mean)
template <Real T>
void RowCurvature<T>::share(Index l, const NormNumbers<T>& at) {
  T* to = shares_[static_cast<std::size_t>(l)];
  for (Index p = 0; p < network_->width(l); ++p, to += 2 * stride) {
    const T spread = 1 / at.scale[p];
    const T* const factor[] = {&spread};
    const T* const unit[] = {state[l].unit + p * stride};
    std::copy_n(state.weight, state.rows, to);
    kernels::networks<T>().combine(state.rows, 1, 1, factor, unit, nullptr, state.weight, false,
                                   to + stride);
  }
}

// Columns of layer l to columns of the layer below: W d, or slope o d.
template <Real T>
void RowCurvature<T>::through(Index l, const T* x, const T* above, T* below) const {
  const Layer& layer = network_->layer(l);
  if (!layer.norm) return Dense<T>(layer, x).reverse(state.rows, above, below);
  const T* const slope[] = {(*norms_)[static_cast<std::size_t>(l)].slope.data()};
  kernels::networks<T>().combine(state.rows, layer.units, 1, slope, &above, nullptr, nullptr, false,
                                 below);
}

// C_LL, from its products with the unit vectors.
template <Real T>
void RowCurvature<T>::curve_outputs(const OutputLoss& loss, T* full) {
  const Index last = network_->depth(), width = network_->width(last);
  for (Index p = 0; p < width; ++p) {
    for (Index i = 0; i < width; ++i)
      std::fill_n(state.curved + i * OutputBlock::stride, state.rows, i == p ? 1.0 : 0.0);
    loss.curve(state.output, state.curved);
    for (Index i = 0; i < width; ++i)
      std::transform(state.curved + i * OutputBlock::stride,
                     state.curved + i * OutputBlock::stride + state.rows,
                     full + (p * width + i) * stride, [](double v) { return static_cast<T>(v); });
    std::copy_n(full + p * width * stride, (p + 1) * stride, c(last, last) + triangle(p) * stride);
  }
}

// C_kl from C_k,l+1
template <Real T>
void RowCurvature<T>::curve_below(Index k, Index l, const T* above, const T* x) {
  const Index width = network_->width(l);
  for (Index p = 0; p < network_->width(k); ++p) {
    T* to = c(k, l) + p * width * stride;
    through(l + 1, x, above + p * network_->width(l + 1) * stride, to);
    kernels::networks<T>().multiply(state.rows, width, to, state[l].slope, to);
  }
}

// C_ll from C_{l+1,l}, whose columns of one unit of l are put side by side first, in `beside`.
template <Real T>
void RowCurvature<T>::curve_own(Index l, T* beside, const T* x) {
  const auto& table = kernels::networks<T>();
  const Layer& above = network_->layer(l + 1);
  for (Index p = 0; p < above.inputs; ++p) {
    for (Index u = 0; u < above.units; ++u)
      std::copy_n(c(l + 1, l) + (u * above.inputs + p) * stride, state.rows, beside + u * stride);
    T* to = c(l, l) + triangle(p) * stride;
    if (above.norm) {
      const T* const slope[] = {(*norms_)[static_cast<std::size_t>(l + 1)].slope.data()};
      const T* const from[] = {beside};
      table.combine(state.rows, p + 1, 1, slope, from, nullptr, nullptr, false, to);
    } else {
      table.times(state.rows, above.units, p + 1, beside, x + above.weights, 1, above.units,
                  nullptr, false, to);
    }
    table.multiply(state.rows, p + 1, to, state[l].slope, to);
    if (gauss_newton_) continue;
    const Index own = p * stride;
    table.add_by_column(state.rows, 1, state[l].e + own, state[l].bend + own, to + own);
    if (above.is_barrier()) add_tilt(l, p, beside, to + own);
  }
}

// What statistics add: s tilt w phi'^2
template <Real T>
void RowCurvature<T>::add_tilt(Index l, Index p, T* square, T* to) const {
  const NormNumbers<T>& at = (*norms_)[static_cast<std::size_t>(l + 1)];
  const T* const slope = state[l].slope + p * stride;
  const T tilt = at.scale[p] * at.tilt[p];
  const T* const factor[] = {&tilt};
  kernels::networks<T>().multiply(state.rows, 1, slope, slope, square);
  const T* const from[] = {square};
  kernels::networks<T>().combine(state.rows, 1, 1, factor, from, nullptr, state.weight, true, to);
}

template <Real T>
void RowCurvature<T>::unpack(Index l, T* full) const {
  const Index width = network_->width(l);
  for (Index p = 0; p < width; ++p)
    for (Index i = 0; i <= p; ++i) {
      const T* from = c(l, l) + (triangle(p) + i) * stride;
      std::copy_n(from, state.rows, full + (p * width + i) * stride);
      if (i < p) std::copy_n(from, state.rows, full + (i * width + p) * stride);
    }
}

// J_kl from J_{k-1,l}
template <Real T>
void RowCurvature<T>::derive(Index k, Index l, const T* x) {
  const auto& table = kernels::networks<T>();
  if (network_->layer(k).norm) return derive_norm(k, l);
  const Dense<T> dense(network_->layer(k), x);
  for (Index i = 0; i < network_->width(l); ++i) {
    T* to = j_[at(k, l)] + i * dense.units * stride;
    if (k == l + 1)
      table.times(state.rows, 1, dense.units, state[l].slope + i * stride,
                  dense.w + i * dense.units, 1, 1, nullptr, false, to);
    else
      table.times(state.rows, dense.inputs, dense.units, j(k - 1, l) + i * dense.inputs * stride,
                  dense.w, dense.units, 1, nullptr, false, to);
    table.multiply(state.rows, dense.units, to, state[k].slope, to);
  }
}

template <Real T>
void RowCurvature<T>::derive_norm(Index k, Index l) {
  const auto& table = kernels::networks<T>();
  const NormNumbers<T>& numbers = (*norms_)[static_cast<std::size_t>(k)];
  const Index width = network_->width(k);
  for (Index i = 0; i < network_->width(l); ++i) {
    T* to = j_[at(k, l)] + i * width * stride;
    const bool is_next = k == l + 1;  // of unit i alone
    const Index first = is_next ? i : 0, count = is_next ? 1 : width;
    if (is_next) std::fill_n(to, width * stride, T{0});
    const T* const slope[] = {numbers.slope.data() + first};
    const T* const from[] = {is_next ? state[l].slope + i * stride
                                     : j(k - 1, l) + i * width * stride};
    T* const out = to + first * stride;
    table.combine(state.rows, count, 1, slope, from, nullptr, nullptr, false, out);
    table.multiply(state.rows, count, out, state[k].slope + first * stride, out);
  }
}

template class RowCurvature<float>;
template class RowCurvature<double>;

}  // namespace hessopt
