// Weighted means and centred squares of columns, and the same along a direction: of blocks of rows,
// merged, so that the mean need not be known before the squares. T. F. Chan, G. H. Golub, R. J.
// LeVeque, "Algorithms for computing the sample variance", American Statistician 37 (1983).
#pragma once

#include "hessopt/networks/block.hpp"

namespace hessopt {

struct Moments {
  double weight = 0;
  Vector mean, squares;     // of u; sum w (u - mean)^2
  Vector moved, comoments;  // of R u; sum w (u - mean) R u. Zeros without one

  void clear(Index units);
  void add(const Moments& other);
  // Those of a block, of u and perhaps R u.
  template <Real T>
  void add_block(const BlockState<T>& state, const T* u, const T* ru);
};

extern template void Moments::add_block(const BlockState<float>&, const float*, const float*);
extern template void Moments::add_block(const BlockState<double>&, const double*, const double*);

}  // namespace hessopt
