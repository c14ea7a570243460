// An activation on a block of rows: a = phi(z) forward, d = e o phi'(z) in reverse, and along a
// direction, where its second derivative turns d as well.
#pragma once

#include "hessopt/kernels/table.hpp"
#include "hessopt/networks/block.hpp"

namespace hessopt {

template <Real T>
struct Activation {
  Index units;
  const kernels::ActivationKernel<T>* kernel;
  T parameter;

  explicit Activation(const Layer& layer)
      : units(layer.units),
        kernel(kernels::networks<T>().activations + layer.activation_index),
        parameter(static_cast<T>(layer.parameter)) {}

  // z, in the place of a, becomes phi(z); its derivatives where there is room for them.
  void forward(Index rows, LayerBlock<T>& at) const {
    kernel->apply(rows, units, parameter, at.a, at.slope, at.bend);
  }
  // d = e o slope
  void reverse(Index rows, const T* e, LayerBlock<T>& at) const {
    kernels::networks<T>().multiply(rows, units, e, at.slope, at.d);
  }
  // ra = slope o rz
  void forward_along(Index rows, LayerBlock<T>& at) const {
    kernels::networks<T>().multiply(rows, units, at.rz, at.slope, at.ra);
  }
  // Of re in the place of rd: rd = re o slope, and for the Hessian + e o bend o rz.
  void reverse_along(Index rows, bool curved, LayerBlock<T>& at) const {
    const auto& table = kernels::networks<T>();
    if (curved)
      table.product_rule(rows, units, at.slope, at.e, at.bend, at.rz, at.rd);
    else
      table.multiply(rows, units, at.rd, at.slope, at.rd);
  }
};

}  // namespace hessopt
