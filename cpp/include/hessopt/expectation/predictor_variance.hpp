// Variance of a linear predictor whose inputs are noisy, a factor times a sum of squares:
//   s_i^2 = sum_j S_ij w_j^2,  S = c P,
//   c = rate / (1 - rate), P = X o X  where inputs are multiplied by noise of mean 1,
//   c = scale^2, P = 1               where noise is added to them.
// As a function of w it has the Jacobian V = 2 S diag(w) and the Hessians 2 diag(S_i).
#pragma once

#include <variant>

#include "hessopt/dropout/noise.hpp"
#include "hessopt/objectives/objective.hpp"

namespace hessopt {

struct VarianceFactor {
  double c;
  bool additive;

  explicit VarianceFactor(const Noise& noise)
      : c(std::visit([](const auto& law) { return law.variance(); }, noise)),
        additive(std::holds_alternative<GaussianNoise>(noise)) {}
};

// P of a slice of rows, formed in `buffer` where it is not 1.
class VarianceRows {
 public:
  VarianceRows(const AffineRows& rows, bool additive, RowMatrix& buffer)
      : squares_(additive ? block_of(buffer) : squares(rows, buffer)),
        rows_(rows.rows()),
        additive_(additive) {}

  // out = P z
  void multiply(const Vector& z, double* out) const {
    if (additive_)
      Eigen::Map<Array>(out, rows_).setConstant(z.sum());
    else
      multiply_rows(squares_, z.data(), out);
  }
  // g += P'r
  void add_transposed(const double* r, VectorRef g) const {
    if (additive_)
      g.array() += Eigen::Map<const Array>(r, rows_).sum();
    else
      add_transposed_rows(squares_, r, g.data());
  }

 private:
  static RowBlock<double> squares(const AffineRows& rows, RowMatrix& buffer) {
    buffer.resize(std::max(buffer.rows(), rows.rows()), rows.cols());
    std::visit(
        [&](const auto& x) {
          buffer.topRows(x.rows()).array() = x.array().template cast<double>().square();
        },
        rows.x);
    return middle_of(block_of(buffer), 0, rows.rows());
  }

  RowBlock<double> squares_;
  Index rows_;
  bool additive_;
};

}  // namespace hessopt
