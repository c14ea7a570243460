#include "hessopt/solvers/variables.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/triangular_solve.hpp"

namespace hessopt {

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
  if (are_on_plane()) return plane_.to_x(z);
  Matrix w = coefficients(z);
  if (are_correlated()) solve_lower_transposed<double>(factor_, w);
  w.array().colwise() /= scale_.array();
  Vector x(z.size());
  coefficients(x) = w;
  if (has_intercept()) intercepts(x) = intercepts(z) - w.transpose() * mean_;
  return x;
}

Vector Variables::to_z(const Vector& x) const {
  if (are_on_plane()) return plane_.to_z(x);
  Matrix w = coefficients(x).array().colwise() * scale_.array();
  if (are_correlated())
    for (auto column : w.colwise())
      column = factor_.triangularView<Eigen::Lower>().transpose() * Vector(column);
  Vector z(x.size());
  coefficients(z) = w;
  if (has_intercept()) intercepts(z) = intercepts(x) + coefficients(x).transpose() * mean_;
  return z;
}

Vector Variables::gradient_to_x(const Vector& g) const {
  if (are_on_plane()) return plane_.direction(g);
  Matrix w = coefficients(g);
  if (are_correlated())
    for (auto column : w.colwise())
      column = factor_.triangularView<Eigen::Lower>() * Vector(column);
  w.array().colwise() *= scale_.array();
  Vector out(g.size());
  if (has_intercept()) {
    w += mean_ * intercepts(g).transpose();
    intercepts(out) = intercepts(g);
  }
  coefficients(out) = w;
  return out;
}

Matrix Variables::hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const {
  if (are_on_plane()) return plane_.hessian_to_z(h);
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
  if (!are_of_columns())
    return mean_.size() == 0 && origin_.size() == 0 && factor_.size() == 0 &&
           (!are_on_plane() || (plane_.valid() && n == plane_.free()));
  return !are_on_plane() && n % block() == 0 && (mean_.size() == 0 || mean_.size() == p()) &&
         (origin_.size() == 0 || origin_.size() == mean_.size()) && scale_.minCoeff() > 0 &&
         (!are_correlated() ||
          (factor_.rows() == p() && factor_.cols() == p() && factor_.diagonal().minCoeff() > 0));
}

Vector Variables::bound_times(const Vector& bound, const Array& factors) const {
  require(!are_correlated(), "factor", "bounds on variables", "none, which mixes none with others");
  Vector out(bound.size());
  coefficients(out) = coefficients(bound).array().colwise() * factors;
  if (!has_intercept()) return out;
  require(intercepts(bound).array().isInf().all(), "mean", "a bounded intercept", "one without");
  intercepts(out) = intercepts(bound);
  return out;
}

Vector Variables::standardized(const Vector& g, const Vector& shift) const {
  Matrix w = coefficients(g);
  Vector out(g.size());
  if (has_intercept()) {
    w -= shift * intercepts(g).transpose();
    intercepts(out) = intercepts(g);
  }
  w.array().colwise() /= scale_.array();
  if (are_correlated()) solve_lower<double>(factor_, w);
  coefficients(out) = w;
  return out;
}

}  // namespace hessopt
