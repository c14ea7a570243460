// A linear change of variables x = T z, in which a model of rows has columns of mean 0 and size 1.
//
// The predictor of a model with coefficients w and intercept b is that of its standardised columns,
//   sum_j x_j w_j + b = sum_j (x_j - m_j) / s_j z_j + z_b:   w_j = z_j / s_j,  b = z_b - sum_j m_j
//   w_j,
// so that a solver that knows nothing of units (a first step, a radius, an initial I) is given
// variables without any. Where the correlations of the columns C = L L' are told as well, the
// columns are turned into uncorrelated ones, those times L'^-1: w_j = (L'^-1 z)_j / s_j. Where rows
// weigh as f is curved along them, so are mean and correlations, and f is curved alike along all z.
//
// X is not touched: gradients become T'g, Hessians T'H T; but where columns lie far from 0 these
// have lost the digits wanted, and H is to be that about their `origin`.
//
// Or the points of a plane A x = b by fewer numbers, x = x_p + Z z, in the place of columns.
#pragma once

#include <utility>

#include "hessopt/linalg/equalities.hpp"

namespace hessopt {

class Variables {
 public:
  Variables() = default;  // z = x
  // `scale`: s, > 0; `mean`: m, empty for a model without intercept. x consists of a block
  // (w, b), or w, for each output, all blocks with the same columns. `rows`: of the data.
  // `factor`: L, lower, of the correlations; empty where they are not told.
  Variables(Vector scale, Vector mean, double rows, Matrix factor = {});
  explicit Variables(Equalities plane) : plane_(std::move(plane)) {}

  // Of other weights of the rows; `mean` is empty where that of these is.
  Variables with(Vector mean, Matrix factor) const {
    return {scale_, std::move(mean), rows_, std::move(factor)};
  }

  bool is_identity() const { return !are_of_columns() && !are_on_plane(); }
  bool are_of_columns() const { return scale_.size() > 0; }
  bool are_on_plane() const { return !plane_.are_none(); }
  const Equalities& plane() const { return plane_; }
  // Of x, where z is of `size` numbers.
  Index size_of_x(Index size) const { return are_on_plane() ? plane_.size() : size; }
  double rows() const { return rows_; }
  // Of the part of x that belongs to one output.
  Index block() const { return scale_.size() + (has_intercept() ? 1 : 0); }

  // x = T z
  Vector to_x(const Vector& z) const;
  // The same of a difference of two z.
  Vector direction_to_x(const Vector& z) const {
    return are_on_plane() ? plane_.direction(z) : to_x(z);
  }
  // z = T^-1 x
  Vector to_z(const Vector& x) const;
  // A bound of every x_j in z, where no bounded variable is mixed with others, and the way back.
  // Scales that are powers of two change no digit of it.
  Vector bound_to_z(const Vector& bound) const { return bound_times(bound, scale_.array()); }
  Vector bound_to_x(const Vector& bound) const {
    return bound_times(bound, scale_.array().inverse());
  }
  // T'g, the gradient in z
  Vector gradient_to_z(const Vector& g) const {
    return are_on_plane() ? plane_.gradient_to_z(g) : standardized(g, mean_);
  }
  // T'^-1 g, the gradient in x, or what a plane leaves of it
  Vector gradient_to_x(const Vector& g) const;
  // About which Hessians are to be told, in the parameters (w, b + origin'w); empty: 0.
  const Vector& origin() const { return origin_; }
  // T'H T, from the lower triangle of H
  Matrix hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const;

  // The largest score of a column: sqrt(n) |g_j| over the residual of its output, g in z.
  double score(const Vector& g, const Vector& residual) const;

  template <class A>
  void fields(A& archive) {
    archive(scale_, mean_, origin_, rows_, factor_, plane_);
  }

  // What f, a mean over the rows, changes by as the predictors are rounded.
  double rounding(const Vector& x, const Vector& residual) const;
  // Whether z is of n numbers.
  bool valid(Index n) const;

 private:
  static constexpr double far = 30;  // of a mean, in deviations: three digits of H lost

  Vector bound_times(const Vector& bound, const Array& factors) const;
  // T'g for columns that lie `shift` from 0.
  Vector standardized(const Vector& g, const Vector& shift) const;
  Index p() const { return scale_.size(); }
  bool has_intercept() const { return mean_.size() > 0; }
  bool are_correlated() const { return factor_.size() > 0; }
  // The coefficients of all outputs, a column each.
  auto coefficients(auto& x) const {
    using Of = std::conditional_t<std::is_const_v<std::remove_reference_t<decltype(x)>>,
                                  const Matrix, Matrix>;
    return Eigen::Map<Of, 0, Eigen::OuterStride<>>(x.data(), p(), x.size() / block(),
                                                   Eigen::OuterStride<>(block()));
  }
  // And their intercepts.
  auto intercepts(auto& x) const {
    using Of = std::conditional_t<std::is_const_v<std::remove_reference_t<decltype(x)>>,
                                  const Vector, Vector>;
    return Eigen::Map<Of, 0, Eigen::InnerStride<>>(x.data() + p(), x.size() / block(),
                                                   Eigen::InnerStride<>(block()));
  }

  Vector scale_, mean_, origin_;
  double rows_ = 0;
  Matrix factor_;
  Equalities plane_;
};

}  // namespace hessopt
