#include "hessopt/solvers/variables.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {

template <class Map>
Vector Variables::by_blocks(const Vector& from, Map&& map) const {
  Vector out(from.size());
  for (Index k = 0; k < from.size(); k += block())
    map(from.segment(k, block()), out.segment(k, block()));
  return out;
}

Variables::Variables(Vector scale, Vector mean, double rows, Matrix factor)
    : scale_(std::move(scale)), mean_(std::move(mean)), rows_(rows), factor_(std::move(factor)) {
  require(scale_.size() > 0 && scale_.minCoeff() > 0 && scale_.allFinite(), "scale",
          "a number that is not positive", "finite numbers > 0");
  if (mean_.size() > 0) require_size("mean", mean_.size(), scale_.size());
  require(mean_.allFinite(), "mean", "NaN or inf", "finite numbers");
  if (are_correlated()) {
    require_size("factor", factor_.rows(), p());
    require(factor_.diagonal().minCoeff() > 0 && factor_.allFinite(), "factor",
            "a pivot that is not positive", "that of a positive definite matrix");
  }
  const auto is_far = mean_.cwiseAbs().array() > far * scale_.head(mean_.size()).array();
  if (is_far.any()) origin_ = is_far.select(mean_, 0.0);
}

Vector Variables::to_x(const Vector& z) const {
  return by_blocks(z, [this](auto from, auto to) {
    to.head(p()) = from.head(p());
    if (are_correlated()) solve_lower_transposed<double>(factor_, to.head(p()));
    to.head(p()).array() /= scale_.array();
    if (has_intercept()) to[p()] = from[p()] - mean_.dot(to.head(p()));
  });
}

Vector Variables::to_z(const Vector& x) const {
  return by_blocks(x, [this](auto from, auto to) {
    to.head(p()) = from.head(p()).cwiseProduct(scale_);
    if (are_correlated())
      to.head(p()) = factor_.triangularView<Eigen::Lower>().transpose() * Vector(to.head(p()));
    if (has_intercept()) to[p()] = from[p()] + mean_.dot(from.head(p()));
  });
}

Vector Variables::gradient_to_x(const Vector& g) const {
  return by_blocks(g, [this](auto from, auto to) {
    to.head(p()) = from.head(p());
    if (are_correlated())
      to.head(p()) = factor_.triangularView<Eigen::Lower>() * Vector(to.head(p()));
    to.head(p()).array() *= scale_.array();
    if (has_intercept()) {
      to.head(p()) += from[p()] * mean_;
      to[p()] = from[p()];
    }
  });
}

Matrix Variables::hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const {
  Matrix out = h.selfadjointView<Eigen::Lower>();
  const Vector shift = origin_.size() > 0 ? Vector(mean_ - origin_) : mean_;
  for (Index j = 0; j < out.cols(); ++j) out.col(j) = standardized(out.col(j), shift);
  out.transposeInPlace();
  for (Index j = 0; j < out.cols(); ++j) out.col(j) = standardized(out.col(j), shift);
  return out;
}

double Variables::score(const Vector& g, const Vector& residual) const {
  require_size("residual", residual.size() * block(), g.size());
  double largest = 0;
  for (Index k = 0; k < residual.size(); ++k) {
    const double size = g.segment(k * block(), block()).lpNorm<Eigen::Infinity>();
    if (size > 0) largest = std::max(largest, size / residual[k]);
  }
  return std::sqrt(rows_) * largest;
}

double Variables::rounding(const Vector& x, const Vector& residual) const {
  double sum = 0;
  for (Index k = 0; k < residual.size(); ++k) {
    const auto w = x.segment(k * block(), block()).cwiseAbs();
    double predictor = w.head(p()).dot(scale_);
    if (has_intercept()) predictor += w.head(p()).dot(mean_.cwiseAbs()) + w[p()];
    sum += residual[k] * predictor;
  }
  return std::numeric_limits<double>::epsilon() * sum;
}

bool Variables::valid(Index n) const {
  if (is_identity()) return mean_.size() == 0 && origin_.size() == 0 && factor_.size() == 0;
  return n % block() == 0 && (mean_.size() == 0 || mean_.size() == p()) &&
         (origin_.size() == 0 || origin_.size() == mean_.size()) && scale_.minCoeff() > 0 &&
         (!are_correlated() ||
          (factor_.rows() == p() && factor_.cols() == p() && factor_.diagonal().minCoeff() > 0));
}

Vector Variables::standardized(const Vector& g, const Vector& shift) const {
  return by_blocks(g, [&](auto from, auto to) {
    to.head(p()) = from.head(p());
    if (has_intercept()) {
      to.head(p()) -= from[p()] * shift;
      to[p()] = from[p()];
    }
    to.head(p()).array() /= scale_.array();
    if (are_correlated()) solve_lower<double>(factor_, to.head(p()));
  });
}

}  // namespace hessopt
