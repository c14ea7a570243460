// A dense layer on a block of rows: z = W'a + b forward, e = W d in reverse, and what it adds to
// the gradient, a d' and the sums of d.
#pragma once

#include "hessopt/kernels/table.hpp"
#include "hessopt/networks/architecture.hpp"

namespace hessopt {

// W (inputs x units, by rows) and b, where there is one, as they lie: among the parameters, a
// direction, a gradient.
template <Real T, class Pointer = const T*>
struct Dense {
  Index inputs, units;
  Pointer w, b;

  Dense(const Layer& layer, Pointer parameters)
      : inputs(layer.inputs),
        units(layer.units),
        w(parameters + layer.weights),
        b(layer.has_bias ? parameters + layer.biases : nullptr) {}

  // z = W'a + b
  void forward(Index rows, const T* a, T* z) const {
    kernels::networks<T>().times(rows, inputs, units, a, w, units, 1, b, false, z);
  }
  // z += W'a
  void add_forward(Index rows, const T* a, T* z) const {
    kernels::networks<T>().times(rows, inputs, units, a, w, units, 1, nullptr, true, z);
  }
  // e = W d, or e += W d
  void reverse(Index rows, const T* d, T* e) const {
    kernels::networks<T>().times(rows, units, inputs, d, w, 1, units, nullptr, false, e);
  }
  void add_reverse(Index rows, const T* d, T* e) const {
    kernels::networks<T>().times(rows, units, inputs, d, w, 1, units, nullptr, true, e);
  }
  // W += a d'
  void add_outer(Index rows, const T* a, const T* d) const {
    kernels::networks<T>().add_inner(rows, inputs, units, a, d, w);
  }
  // (W, b) += (a d', sums of d)
  void add_gradient(Index rows, const T* a, const T* d) const {
    add_outer(rows, a, d);
    if (b != nullptr) kernels::networks<T>().add_sums(rows, units, d, b);
  }
};

}  // namespace hessopt
