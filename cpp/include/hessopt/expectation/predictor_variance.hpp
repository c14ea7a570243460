// Variance of a linear predictor whose inputs are noisy, a factor times a sum of squares:
//   s_i^2 = sum_j S_ij w_j^2,  S = c P,
//   P = X o X  where inputs are multiplied by noise of mean 1 and variance c,
//   P = 1      where noise of variance c is added to them.
// As a function of w it has the Jacobian V = 2 S diag(w) and the Hessians 2 diag(S_i).
#pragma once

#include "hessopt/dropout/noise.hpp"
#include "hessopt/rows/block.hpp"

namespace hessopt {

struct VarianceFactor {
  double c;
  bool additive;

  explicit VarianceFactor(const Noise& noise)
      : c(variance_of(noise)), additive(is_additive(noise)) {}
};

// Rows (X 1) and P beside each other, which are read once for both. P is never formed.
class RowsAndSquares {
 public:
  RowsAndSquares(const Block& rows, bool additive) : rows_(rows), additive_(additive) {}

  // mean = (X 1) x, variance = P z
  void predict(ConstVectorRef x, ConstVectorRef z, double* mean, double* variance) const;
  // g += (X 1)'r, h += P't
  void add_transposed(const double* r, const double* t, VectorRef g, VectorRef h) const;

 private:
  Block rows_;
  bool additive_;
};

}  // namespace hessopt
