// A linear change of variables x = T z, in which a model of rows has columns of mean 0 and size 1.
//
// The predictor of a model with coefficients w and intercept b is that of its standardised columns,
//   sum_j x_j w_j + b = sum_j (x_j - m_j) / s_j z_j + z_b:   w_j = z_j / s_j,  b = z_b - sum_j m_j
//   w_j,
// so that a solver that knows nothing of units (a first step, a radius, an initial I) is given
// variables without any. X is not touched: gradients become T'g, Hessians T'H T; but where columns
// lie far from 0 these have lost the digits wanted, and H is to be that about their `origin`.
#pragma once

#include <limits>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

class Variables {
 public:
  Variables() = default;  // z = x
  // `scale`: s, > 0; `mean`: m, empty for a model without intercept. x consists of a block
  // (w, b), or w, for each output, all blocks with the same columns. `rows`: of the data.
  Variables(Vector scale, Vector mean, double rows)
      : scale_(std::move(scale)), mean_(std::move(mean)), rows_(rows) {
    require(scale_.size() > 0 && scale_.minCoeff() > 0 && scale_.allFinite(), "scale",
            "a number that is not positive", "finite numbers > 0");
    if (mean_.size() > 0) require_size("mean", mean_.size(), scale_.size());
    require(mean_.allFinite(), "mean", "NaN or inf", "finite numbers");
    const auto is_far = mean_.cwiseAbs().array() > far * scale_.head(mean_.size()).array();
    if (is_far.any()) origin_ = is_far.select(mean_, 0.0);
  }

  bool is_identity() const { return scale_.size() == 0; }
  double rows() const { return rows_; }
  // Of the part of x that belongs to one output.
  Index block() const { return scale_.size() + (has_intercept() ? 1 : 0); }

  // x = T z
  Vector to_x(const Vector& z) const {
    return by_blocks(z, [this](auto from, auto to) {
      to.head(p()) = from.head(p()).cwiseQuotient(scale_);
      if (has_intercept()) to[p()] = from[p()] - mean_.dot(to.head(p()));
    });
  }
  // z = T^-1 x
  Vector to_z(const Vector& x) const {
    return by_blocks(x, [this](auto from, auto to) {
      to.head(p()) = from.head(p()).cwiseProduct(scale_);
      if (has_intercept()) to[p()] = from[p()] + mean_.dot(from.head(p()));
    });
  }
  // T'g, the gradient in z
  Vector gradient_to_z(const Vector& g) const { return standardized(g, mean_); }
  // T'^-1 g, the gradient in x
  Vector gradient_to_x(const Vector& g) const {
    return by_blocks(g, [this](auto from, auto to) {
      to.head(p()) = from.head(p()).cwiseProduct(scale_);
      if (has_intercept()) {
        to.head(p()) += from[p()] * mean_;
        to[p()] = from[p()];
      }
    });
  }
  // About which Hessians are to be told, in the parameters (w, b + origin'w); empty: 0.
  const Vector& origin() const { return origin_; }
  // T'H T, from the lower triangle of H
  Matrix hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const {
    Matrix out = h.selfadjointView<Eigen::Lower>();
    const Vector shift = origin_.size() > 0 ? Vector(mean_ - origin_) : mean_;
    for (Index j = 0; j < out.cols(); ++j) out.col(j) = standardized(out.col(j), shift);
    out.transposeInPlace();
    for (Index j = 0; j < out.cols(); ++j) out.col(j) = standardized(out.col(j), shift);
    return out;
  }

  // The largest score of a column: sqrt(n) |g_j| over the residual of its output, g in z.
  double score(const Vector& g, const Vector& residual) const {
    require_size("residual", residual.size() * block(), g.size());
    double largest = 0;
    for (Index k = 0; k < residual.size(); ++k) {
      const double size = g.segment(k * block(), block()).lpNorm<Eigen::Infinity>();
      if (size > 0) largest = std::max(largest, size / residual[k]);
    }
    return std::sqrt(rows_) * largest;
  }

  template <class A>
  void fields(A& archive) {
    archive(scale_, mean_, origin_, rows_);
  }

  // What f, a mean over the rows, changes by as the predictors are rounded.
  double rounding(const Vector& x, const Vector& residual) const {
    double sum = 0;
    for (Index k = 0; k < residual.size(); ++k) {
      const auto w = x.segment(k * block(), block()).cwiseAbs();
      double predictor = w.head(p()).dot(scale_);
      if (has_intercept()) predictor += w.head(p()).dot(mean_.cwiseAbs()) + w[p()];
      sum += residual[k] * predictor;
    }
    return std::numeric_limits<double>::epsilon() * sum;
  }
  // Whether they are of n parameters.
  bool valid(Index n) const {
    if (is_identity()) return mean_.size() == 0 && origin_.size() == 0;
    return n % block() == 0 && (mean_.size() == 0 || mean_.size() == p()) &&
           (origin_.size() == 0 || origin_.size() == mean_.size()) && scale_.minCoeff() > 0;
  }

 private:
  static constexpr double far = 30;  // of a mean, in deviations: three digits of H lost

  // T'g for columns that lie `shift` from 0.
  Vector standardized(const Vector& g, const Vector& shift) const {
    return by_blocks(g, [&](auto from, auto to) {
      to.head(p()) = from.head(p());
      if (has_intercept()) {
        to.head(p()) -= from[p()] * shift;
        to[p()] = from[p()];
      }
      to.head(p()).array() /= scale_.array();
    });
  }
  Index p() const { return scale_.size(); }
  bool has_intercept() const { return mean_.size() > 0; }
  template <class Map>
  Vector by_blocks(const Vector& from, Map&& map) const {
    Vector out(from.size());
    for (Index k = 0; k < from.size(); k += block())
      map(from.segment(k, block()), out.segment(k, block()));
    return out;
  }

  Vector scale_, mean_, origin_;
  double rows_ = 0;
};

}  // namespace hessopt
