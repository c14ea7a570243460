// The BFGS approximation H of the inverse Hessian as a matrix, in O(n^2) a step:
//
//   H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y
//      = H - (s u' + u s') / s'y + (1 + y'u / s'y) s s' / s'y,      u = H y
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., 6.17; the first H is s'y / y'y
// I, 6.20.
#pragma once

#include <Eigen/Cholesky>
#include <string>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

class BfgsMatrix {
 public:
  static std::string kind() { return "Bfgs"; }

  BfgsMatrix() = default;
  explicit BfgsMatrix(Index size) { allocate(size); }
  // From an inverse Hessian; `begin` tells its units.
  explicit BfgsMatrix(Matrix h0) : h_(std::move(h0)), waits_(true) {
    Eigen::LLT<Matrix> factor(h_);
    require(h_.allFinite() && factor.info() == Eigen::Success, "hess_inv0",
            "a pivot <= 0, so that the 'hess_inv0' matrix isn't positive definite", "one that is");
  }

  Index count() const { return count_; }
  void clear() { count_ = 0; }
  double step_norm() const { return step_norm_; }
  double gamma() const { return gamma_; }  // s'y / y'y of the newest pair

  // At the start, where the power of two that gradients are multiplied by is known.
  void begin(double unit) {
    if (!waits_) return;
    waits_ = false;
    h_ /= unit;
    gamma_ = h_.trace() / static_cast<double>(h_.rows());
    count_ = 1;
  }

  // As LbfgsHistory::push.
  template <Real T>
  bool push(const VectorOf<T>& x0, const VectorOf<T>& x1, const VectorOf<T>& g0,
            ConstVectorRefOf<T> g1, double unit) {
    const Vector s = x1.template cast<double>() - x0.template cast<double>();
    const Vector y = unit * g1.template cast<double>() - unit * g0.template cast<double>();
    Vector v(s.size());
    allocate(s.size());  // from here on nothing fails
    step_norm_ = norm(s);
    const double sy = dot(s, y), yy = dot(y, y);
    const double floor = std::sqrt(std::numeric_limits<T>::epsilon()) * step_norm_ * std::sqrt(yy);
    if (!(sy > floor) || !std::isfinite(sy) || !std::isfinite(yy)) return false;
    gamma_ = sy / yy;
    if (count_ == 0) {
      h_.setIdentity();
      h_ *= gamma_;
    }
    // One symmetric update of rank two: with v = u - (1 + y'u / s'y) / 2 s it is -(s v' + v s') /
    // s'y.
    v.noalias() = h_.selfadjointView<Eigen::Lower>() * y;
    v -= 0.5 * (1 + dot(y, v) / sy) * s;
    h_.selfadjointView<Eigen::Lower>().rankUpdate(s, v, -1 / sy);
    ++count_;
    return true;
  }

  // d = -H (unit g); returns unit g'd.
  template <Real T>
  double direction(ConstVectorRefOf<T> g, double unit, VectorOf<T>& d) const {
    d.resize(g.size());
    apply<T>(g, -unit, d);
    return unit * dot(d, g);
  }
  // out = unit H v
  template <Real T>
  void apply(ConstVectorRefOf<T> v, double unit, Eigen::Ref<VectorOf<T>> out) const {
    Vector u = unit * v.template cast<double>();
    if (count_ > 0) u = h_.selfadjointView<Eigen::Lower>() * u;
    out = u.template cast<T>();
  }

  // unit H
  Matrix matrix(Index size, double unit) const {
    if (count_ == 0) return unit * Matrix::Identity(size, size);
    return unit * Matrix(h_.selfadjointView<Eigen::Lower>());
  }

  template <class A>
  void fields(A& archive) {
    archive(step_norm_, gamma_, count_, waits_);
    if (count_ > 0 || waits_) archive(h_);
  }
  bool valid(Index size) const {
    const bool is_used = count_ > 0 || waits_;
    return is_count(count_) && (!is_used || (h_.rows() == size && h_.cols() == size));
  }

 private:
  void allocate(Index size) {
    naming_memory("inverse Hessian of BFGS", size, size, sizeof(double),
                  [&] { h_.resize(size, size); });
  }

  Matrix h_;  // its lower triangle
  double step_norm_ = 0, gamma_ = 1;
  Index count_ = 0;
  bool waits_ = false;  // for `begin`
};

}  // namespace hessopt
