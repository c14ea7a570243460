// Variance of a linear predictor whose inputs are noisy, a factor times a sum of squares:
//   s_i^2 = sum_j S_ij w_j^2,  S = c P,
//   c = rate / (1 - rate), P = X o X  where inputs are multiplied by noise of mean 1,
//   c = scale^2, P = 1               where noise is added to them.
// As a function of w it has the Jacobian V = 2 S diag(w) and the Hessians 2 diag(S_i).
#pragma once

#include <utility>
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

// Rows (X 1) and P beside each other, which are read once for both. P is never formed.
class RowsAndSquares {
 public:
  RowsAndSquares(AffineRows rows, bool additive) : rows_(std::move(rows)), additive_(additive) {}

  // mean = (X 1) x, variance = P z
  void predict(ConstVectorRef x, ConstVectorRef z, double* mean, double* variance) const {
    if (additive_) {
      rows_.predict(x, mean);
      Eigen::Map<Array>(variance, rows_.rows()).setConstant(z.sum());
      return;
    }
    const double last = rows_.intercept ? x[rows_.cols()] : 0;
    rows_.with_kernels([&](const auto& k, const auto& b) {
      k.multiply_with_squares(b, x.data(), z.data(), last, mean, variance);
    });
  }
  // g += (X 1)'r, h += P't
  void add_transposed(const double* r, const double* t, VectorRef g, VectorRef h) const {
    if (additive_) {
      rows_.add_transposed(r, g);
      h.array() += Eigen::Map<const Array>(t, rows_.rows()).sum();
      return;
    }
    double* last = rows_.intercept ? &g[rows_.cols()] : nullptr;
    rows_.with_kernels([&](const auto& k, const auto& b) {
      k.add_transposed_with_squares(b, r, t, g.data(), h.data(), last);
    });
  }

 private:
  AffineRows rows_;
  bool additive_;
};

}  // namespace hessopt
