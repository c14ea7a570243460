// What the whole Hessian is made of, for each row of a block: second derivatives of its loss in the
// z of two layers, and derivatives of one layer in the z of another,
//
//   C_LL = d2 loss / dz_L2,  C_kl = C_k,l+1 W_{l+1}' diag phi'_l                      (k > l),
//   C_ll = diag phi'_l W_{l+1} C_{l+1,l} + diag(e_l o phi''_l),
//   J_ll = diag phi'_l,      J_kl = da_k / dz_l = diag phi'_k W_k' J_{k-1,l}.
//
// The Gauss-Newton matrix leaves out phi'', and has no need of J.
#pragma once

#include <vector>

#include "hessopt/networks/block.hpp"

namespace hessopt {

template <Real T>
class RowCurvature {
 public:
  RowCurvature(const Architecture& network, bool gauss_newton);
  Index bytes() const { return bytes_; }
  void place(void* memory) { lay_out(static_cast<char*>(memory)); }

  BlockState<T> state;

  // All of it, after a pass forward and in reverse under the parameters x.
  void curve(const OutputLoss& loss, const T* x);

  // What layer l is fed with, (a_{l-1}, 1): inputs + 1 columns.
  const T* inputs(Index l) const { return inputs_[static_cast<std::size_t>(l)]; }
  // C_kl, l < k: column p width(l) + i is that of unit p of layer k and i of l. C_ll is symmetric:
  // column p (p + 1) / 2 + i is that of p and i <= p.
  T* c(Index k, Index l) const { return c_[at(k, l)]; }
  Index c_columns(Index k, Index l) const;
  // J_kl, l < k < L: column i width(k) + q is that of unit q of layer k and i of l.
  const T* j(Index k, Index l) const { return j_[at(k, l)]; }

 private:
  static constexpr Index stride = kernels::network_stride<T>;

  std::size_t at(Index k, Index l) const {
    return static_cast<std::size_t>(k * (network_->depth() + 1) + l);
  }
  Index lay_out(char* start);
  void curve_outputs(const OutputLoss& loss, T* full);
  void curve_below(Index k, Index l, const T* above, const T* x);
  void curve_own(Index l, T* beside, const T* x);
  void unpack(Index l, T* full) const;
  void derive(Index k, Index l, const T* x);

  const Architecture* network_;
  bool gauss_newton_;
  std::vector<T*> inputs_, c_, j_;
  Index bytes_ = 0;
};

extern template class RowCurvature<float>;
extern template class RowCurvature<double>;

}  // namespace hessopt
