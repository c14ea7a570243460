#include "hessopt/networks/row_curvature.hpp"

#include <algorithm>

#include "hessopt/core/scratch.hpp"
#include "hessopt/networks/dense.hpp"
#include "hessopt/networks/layout.hpp"

namespace hessopt {
namespace {

constexpr Index triangle(Index n) { return n * (n + 1) / 2; }

}  // namespace

template <Real T>
RowCurvature<T>::RowCurvature(const Architecture& network, bool gauss_newton)
    : state(network, {.reverse = true, .curved = !gauss_newton}),
      network_(&network),
      gauss_newton_(gauss_newton),
      inputs_(static_cast<std::size_t>(network.depth() + 1)),
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
    layout.take(inputs_[static_cast<std::size_t>(l)], (network_->width(l - 1) + 1) * stride);
    for (Index k = l; k <= depth; ++k) {
      layout.take(c_[at(k, l)], c_columns(k, l) * stride);
      if (!gauss_newton_ && l < k && k < depth) layout.take(j_[at(k, l)], c_columns(k, l) * stride);
    }
  }
  return layout.used();
}

template <Real T>
void RowCurvature<T>::curve(const OutputLoss& loss, const T* x) {
  const Index depth = network_->depth(), widest = network_->widest();
  const auto column = stride * static_cast<Index>(sizeof(T));
  const Scratch scratch((widest + 1) * widest * column);
  T* full = static_cast<T*>(scratch.data());  // the C_ll at hand, width(l)^2 columns
  T* beside = full + widest * widest * stride;
  for (Index l = 1; l <= depth; ++l) {
    T* to = inputs_[static_cast<std::size_t>(l)];
    const Index size = network_->width(l - 1) * stride;
    std::copy_n(state[l - 1].a, size, to);
    std::fill_n(to + size, stride, T{1});
  }
  curve_outputs(loss, full);
  for (Index l = depth - 1; l >= 1; --l) {
    for (Index k = depth; k > l; --k) curve_below(k, l, k == l + 1 ? full : c(k, l + 1), x);
    curve_own(l, beside, x);
    if (l > 1) unpack(l, full);
    for (Index k = l + 1; k < depth && !gauss_newton_; ++k) derive(k, l, x);
  }
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
  const Dense<T> dense(network_->layer(l + 1), x);
  for (Index p = 0; p < network_->width(k); ++p) {
    T* to = c(k, l) + p * dense.inputs * stride;
    dense.reverse(state.rows, above + p * dense.units * stride, to);
    kernels::networks<T>().multiply(state.rows, dense.inputs, to, state[l].slope, to);
  }
}

// C_ll from C_{l+1,l}, whose columns of one unit of l are put side by side first, in `beside`.
template <Real T>
void RowCurvature<T>::curve_own(Index l, T* beside, const T* x) {
  const auto& table = kernels::networks<T>();
  const Dense<T> dense(network_->layer(l + 1), x);
  for (Index p = 0; p < dense.inputs; ++p) {
    for (Index u = 0; u < dense.units; ++u)
      std::copy_n(c(l + 1, l) + (u * dense.inputs + p) * stride, state.rows, beside + u * stride);
    T* to = c(l, l) + triangle(p) * stride;
    table.times(state.rows, dense.units, p + 1, beside, dense.w, 1, dense.units, nullptr, false,
                to);
    table.multiply(state.rows, p + 1, to, state[l].slope, to);
    if (gauss_newton_) continue;
    const Index own = p * stride;
    table.add_by_column(state.rows, 1, state[l].e + own, state[l].bend + own, to + own);
  }
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

template class RowCurvature<float>;
template class RowCurvature<double>;

}  // namespace hessopt
