// What the whole Hessian is made of, for each row of a block: second derivatives of its loss in the
// z of two layers, and derivatives of one layer in the z of another,
//
//   C_LL = d2 loss / dz_L2,  C_kl = C_k,l+1 W_{l+1}' diag phi'_l                      (k > l),
//   C_ll = diag phi'_l W_{l+1} C_{l+1,l} + diag(e_l o phi''_l),
//   J_ll = diag phi'_l,      J_kl = da_k / dz_l = diag phi'_k W_k' J_{k-1,l}.
//
// The Gauss-Newton matrix leaves out phi'', and has no need of J.
//
// In the place of W a layer of batch normalisation has its slope, gamma s, of the unit alone; its
// statistics are held here, but what they add to the derivatives in u = a_l, w (shift + tilt û) of
// batch_norm.hpp, changes with u, and so C_ll by s tilt w phi'_l^2. J is what statistics are
// changed by then.
#pragma once

#include <vector>

#include "hessopt/networks/batch_norm.hpp"
#include "hessopt/networks/block.hpp"

namespace hessopt {

// Numbers in the lower triangle of an n x n matrix, which are kept row by row.
constexpr Index triangle(Index n) { return n * (n + 1) / 2; }

template <Real T>
class RowCurvature {
 public:
  RowCurvature(const Architecture& network, bool gauss_newton);
  Index bytes() const { return bytes_; }
  void place(void* memory) { lay_out(static_cast<char*>(memory)); }

  BlockState<T> state;

  // All of it, after a pass forward and in reverse under the parameters x, with norms by layer.
  void curve(const OutputLoss& loss, const T* x, const std::vector<NormNumbers<T>>& norms);

  // What layer l is fed with, (a_{l-1}, 1), the 1 where it has a bias; where it normalises (û_0, 1,
  // û_1, 1, ...).
  const T* inputs(Index l) const { return inputs_[static_cast<std::size_t>(l)]; }
  // C_kl, l < k: column p width(l) + i is that of unit p of layer k and i of l. C_ll is symmetric:
  // column p (p + 1) / 2 + i is that of p and i <= p.
  T* c(Index k, Index l) const { return c_[at(k, l)]; }
  Index c_columns(Index k, Index l) const;
  // J_kl, l < k < L: column i width(k) + q is that of unit q of layer k and i of l.
  const T* j(Index k, Index l) const { return j_[at(k, l)]; }
  // What a change of u_q of barrier layer l is weighed by in its statistics: column 2 q in the
  // mean, 2 q + 1 in the variance but for the factor 2 k.
  const T* shares(Index l) const { return shares_[static_cast<std::size_t>(l)]; }

 private:
  static constexpr Index stride = kernels::network_stride<T>;

  std::size_t at(Index k, Index l) const {
    return static_cast<std::size_t>(k * (network_->depth() + 1) + l);
  }
  Index lay_out(char* start);
  void feed(Index l);
  void share(Index l, const NormNumbers<T>& at);
  void through(Index l, const T* x, const T* above, T* below) const;
  void curve_outputs(const OutputLoss& loss, T* full);
  void curve_below(Index k, Index l, const T* above, const T* x);
  void curve_own(Index l, T* beside, const T* x);
  void add_tilt(Index l, Index p, T* square, T* to) const;
  void unpack(Index l, T* full) const;
  void derive(Index k, Index l, const T* x);
  void derive_norm(Index k, Index l);

  const Architecture* network_;
  bool gauss_newton_;
  Index j_end_;  // J_kl is wanted of k < j_end: of the Hessian, and of what comes to a barrier
  const std::vector<NormNumbers<T>>* norms_ = nullptr;
  std::vector<T*> inputs_, shares_, c_, j_;
  Index bytes_ = 0;
};

extern template class RowCurvature<float>;
extern template class RowCurvature<double>;

}  // namespace hessopt
