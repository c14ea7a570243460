#include "hessopt/expectation/predictor_variance.hpp"

namespace hessopt {

void RowsAndSquares::predict(ConstVectorRef x, ConstVectorRef z, double* mean,
                             double* variance) const {
  if (!additive_) return rows_.predict_with_squares(x, z, mean, variance);
  rows_.predict(x, mean);
  Eigen::Map<Array>(variance, rows_.rows()).setConstant(z.sum());
}

void RowsAndSquares::add_transposed(const double* r, const double* t, VectorRef g,
                                    VectorRef h) const {
  if (!additive_) return rows_.add_transposed_with_squares(r, t, g, h);
  rows_.add_transposed(r, g);
  h.array() += Eigen::Map<const Array>(t, rows_.rows()).sum();
}

}  // namespace hessopt
