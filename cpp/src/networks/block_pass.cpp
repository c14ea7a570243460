#include "hessopt/networks/block_pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hessopt {
namespace {

// In the precision of a network. A derivative so small that its products would be subnormal, which
// take twenty times as long and which float32 has near the end of a fit, is none beside the others.
template <class To, class From>
To rounded(From x) {
  if constexpr (sizeof(To) < sizeof(From)) {
    using Limits = std::numeric_limits<To>;
    if (std::abs(x) < static_cast<From>(Limits::min() / Limits::epsilon())) return To{0};
  }
  return static_cast<To>(x);
}

// Columns of the outputs from one room to the other, in its precision.
template <class From, class To>
void copy_columns(Index rows, Index columns, const From* from, Index from_stride, To* to,
                  Index to_stride) {
  for (Index k = 0; k < columns; ++k)
    std::transform(from + k * from_stride, from + k * from_stride + rows, to + k * to_stride,
                   [](From x) { return rounded<To>(x); });
}

}  // namespace

template <Real T>
void BlockPass<T>::normalize(Index l) {
  norm(l).normalize(state_.rows, state_[l - 1].a, state_[l].unit);
}
template <Real T>
void BlockPass<T>::normalize_along(Index l) {
  norm(l).normalize_along(state_.rows, state_[l].unit, state_[l - 1].ra, state_[l].runit);
}

template <Real T>
void BlockPass<T>::forward_layer(Index l) {
  if (!is_norm(l)) return dense(l).forward(state_.rows, state_[l - 1].a, state_[l].a);
  normalize(l);
  norm(l).forward(state_.rows, state_[l].unit, state_[l].a);
}

template <Real T>
void BlockPass<T>::forward_slope(Index l, Index sample) {
  activation(l).forward(state_.rows, state_[l]);
  if (network_.rate(l) > 0) mask(l, sample, state_[l]);
}

template <Real T>
void BlockPass<T>::forward(Index first, Index last) {
  for (Index l = first + 1; l <= last; ++l) {
    forward_layer(l);
    if (l < network_.depth()) activation(l).forward(state_.rows, state_[l]);
  }
}

template <Real T>
void BlockPass<T>::mask(Index l, Index sample, const LayerBlock<T>& from) {
  put_mask(network_, masks_, l, sample, state_, from, state_[l]);
}

template <Real T>
void BlockPass<T>::forward_masked(Index first, Index last, Index sample) {
  for (Index l = first + 1; l <= last; ++l) {
    forward(l - 1, l);
    if (network_.rate(l) > 0) mask(l, sample, state_[l]);
  }
}

template <Real T>
double BlockPass<T>::evaluate_loss() {
  LayerBlock<T>& at = state_[network_.depth()];
  OutputBlock& out = state_.output;
  constexpr Index stride = kernels::network_stride<T>;
  copy_columns(state_.rows, loss_.outputs(), at.a, stride, out.outputs, OutputBlock::stride);
  const double value = loss_.evaluate(out);
  if (at.d != nullptr)
    copy_columns(state_.rows, loss_.outputs(), out.first, OutputBlock::stride, at.d, stride);
  return value;
}

template <Real T>
void BlockPass<T>::reverse_layer(Index l, T* e) {
  if (is_norm(l))
    norm(l).reverse(state_.rows, state_[l].unit, state_[l].d, e);
  else
    dense(l).reverse(state_.rows, state_[l].d, e);
}

template <Real T>
void BlockPass<T>::reverse(Index last, Index first) {
  for (Index l = last - 1; l >= first; --l) {
    LayerBlock<T>& at = state_[l];
    T* e = at.e != nullptr ? at.e : at.d;
    reverse_layer(l + 1, e);
    activation(l).reverse(state_.rows, e, at);
  }
}

template <Real T>
void BlockPass<T>::add_gradients(Index first, Index last, T* gradient) {
  for (Index l = first; l <= last; ++l) {
    const Layer& layer = network_.layer(l);
    if (is_norm(l))
      norm(l).add_gradient(state_.rows, state_[l].unit, state_[l].d, gradient + layer.weights,
                           gradient + layer.biases);
    else
      Dense<T, T*>(layer, gradient).add_gradient(state_.rows, state_[l - 1].a, state_[l].d);
  }
}

template <Real T>
void BlockPass<T>::forward_layer_along(const T* v, Index l) {
  LayerBlock<T>& at = state_[l];
  if (is_norm(l)) {
    const Layer& layer = network_.layer(l);
    normalize_along(l);
    return norm(l).forward_along(state_.rows, v + layer.weights, v + layer.biases, at.unit,
                                 at.runit, at.rz);
  }
  Dense<T>(network_.layer(l), v).forward(state_.rows, state_[l - 1].a, at.rz);
  if (l > 1 && state_[l - 1].ra != nullptr)
    dense(l).add_forward(state_.rows, state_[l - 1].ra, at.rz);
}

template <Real T>
void BlockPass<T>::forward_along(const T* v, Index first, Index last) {
  for (Index l = first + 1; l <= last; ++l) {
    forward_layer_along(v, l);
    if (l < network_.depth()) activation(l).forward_along(state_.rows, state_[l]);
  }
}

template <Real T>
void BlockPass<T>::mask_along(Index l) {
  if (l > 0) activation(l).forward_along(state_.rows, state_[l]);
}

template <Real T>
void BlockPass<T>::loss_along() {
  LayerBlock<T>& at = state_[network_.depth()];
  constexpr Index stride = kernels::network_stride<T>;
  copy_columns(state_.rows, loss_.outputs(), at.rz, stride, state_.curved, OutputBlock::stride);
  loss_.curve(state_.output, state_.curved);
  copy_columns(state_.rows, loss_.outputs(), state_.curved, OutputBlock::stride, at.rd, stride);
}

template <Real T>
void BlockPass<T>::reverse_layer_along(const T* v, bool curved, Index l, T* re) {
  const LayerBlock<T>& at = state_[l];
  if (!is_norm(l)) {
    dense(l).reverse(state_.rows, at.rd, re);
    if (curved) Dense<T>(network_.layer(l), v).add_reverse(state_.rows, at.d, re);
  } else if (curved) {
    norm(l).reverse_along(state_.rows, v + network_.layer(l).weights, at.unit, at.runit, at.d,
                          state_[l - 1].e, at.rd, re);
  } else {
    norm(l).reverse_along(state_.rows, at.unit, at.rd, re);
  }
}

template <Real T>
void BlockPass<T>::reverse_along(const T* v, bool curved, Index last, Index first) {
  for (Index l = last - 1; l >= first; --l) {
    reverse_layer_along(v, curved, l + 1, state_[l].rd);
    activation(l).reverse_along(state_.rows, curved, state_[l]);
  }
}

template <Real T>
void BlockPass<T>::add_products(bool curved, Index first, Index last, T* product) {
  for (Index l = first; l <= last; ++l) {
    const LayerBlock<T>& at = state_[l];
    const Layer& layer = network_.layer(l);
    if (is_norm(l)) {
      norm(l).add_gradient(state_.rows, at.unit, at.rd, product + layer.weights,
                           product + layer.biases);
      if (curved) norm(l).add_product(state_.rows, at.runit, at.d, product + layer.weights);
      continue;
    }
    const Dense<T, T*> to(layer, product);
    to.add_gradient(state_.rows, state_[l - 1].a, state_[l].rd);
    if (curved && l > 1) to.add_outer(state_.rows, state_[l - 1].ra, state_[l].d);
  }
}

template class BlockPass<float>;
template class BlockPass<double>;

}  // namespace hessopt
