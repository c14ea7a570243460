// One block of rows through a network: forward, in reverse, and both along a direction
// (Pearlmutter's R-operator), from any layer to any other, so that a layer that needs all rows
// before the next goes on can stop in between.
//
//   reverse    e_l = W_{l+1} d_{l+1},  d_l = e_l o phi'_l,  gradient of W_l: sum a_{l-1} d_l'
//   along V    R z_l = W_l'R a_{l-1} + V_l'a_{l-1} + v_l,  R a_l = phi'_l o R z_l,
//              R d_l = (W_{l+1} R d_{l+1} + V_{l+1} d_{l+1}) o phi'_l + e_l o phi''_l o R z_l,
//              product: sum a_{l-1} R d_l' + R a_{l-1} d_l'
//
// The Gauss-Newton product leaves out what has d or e; batch_norm.hpp has the same of layers that
// normalise. B. A. Pearlmutter, "Fast exact
// multiplication by the Hessian", Neural Computation 6 (1994).
#pragma once

#include "hessopt/networks/activation.hpp"
#include "hessopt/networks/batch_norm.hpp"
#include "hessopt/networks/dense.hpp"
#include "hessopt/networks/dropout.hpp"

namespace hessopt {

template <Real T>
class BlockPass {
 public:
  // norms: by layer.
  BlockPass(const Architecture& network, const OutputLoss& loss, const Masks& masks, const T* x,
            const std::vector<NormNumbers<T>>& norms, BlockState<T>& state)
      : network_(network), loss_(loss), masks_(masks), x_(x), norms_(norms), state_(state) {}

  // a_l, slope_l and bend_l of layers first + 1 .. last, from a_first. Without masks.
  void forward(Index first, Index last);
  // The masks of layer l of a sample put on what `from` has, into the layer's own place.
  void mask(Index l, Index sample, const LayerBlock<T>& from);
  // Forward from first + 1 on with the masks of a sample, those of `first` put on already.
  void forward_masked(Index first, Index last, Index sample);
  // What layer l of batch normalisation is fed with, normalised; R of it.
  void normalize(Index l);
  void normalize_along(Index l);
  // slope_l and bend_l alone, where phi_l is the identity: of no z_l. a_l is written over.
  void forward_slope(Index l, Index sample);
  // The weighted sum of losses of the block from z_L, and d_L where there is room for it.
  double evaluate_loss();

  // d_l (and e_l) of layers last > l >= first from d_last; first >= 1.
  void reverse(Index last, Index first);
  // Gradients of layers first .. last, added.
  void add_gradients(Index first, Index last, T* gradient);

  // Along `v`: rz_l (and ra_l) of layers first + 1 .. last, from ra_first where first > 0.
  void forward_along(const T* v, Index first, Index last);
  // ra of a masked layer, from its rz.
  void mask_along(Index l);
  // rd_L, from rz_L
  void loss_along();
  // rd_l of layers last > l >= first, from rd_last. `curved`: of the Hessian.
  void reverse_along(const T* v, bool curved, Index last, Index first);
  // Products of layers first .. last, added.
  void add_products(bool curved, Index first, Index last, T* product);

 private:
  Dense<T> dense(Index l) const { return {network_.layer(l), x_}; }
  Activation<T> activation(Index l) const { return Activation<T>(network_.layer(l)); }
  bool is_norm(Index l) const { return network_.layer(l).norm.has_value(); }
  BatchNorm<T> norm(Index l) const {
    return {network_.layer(l), x_, norms_[static_cast<std::size_t>(l)], state_.weight};
  }
  // z_l, R z_l, and what they leave below: e_{l-1}, R e_{l-1}, to wherever it is wanted.
  void forward_layer(Index l);
  void forward_layer_along(const T* v, Index l);
  void reverse_layer(Index l, T* e);
  void reverse_layer_along(const T* v, bool curved, Index l, T* re);

  const Architecture& network_;
  const OutputLoss& loss_;
  const Masks& masks_;
  const T* x_;
  const std::vector<NormNumbers<T>>& norms_;
  BlockState<T>& state_;
};

extern template class BlockPass<float>;
extern template class BlockPass<double>;

}  // namespace hessopt
