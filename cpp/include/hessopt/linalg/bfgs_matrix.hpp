// The BFGS approximation H of the inverse Hessian as a matrix, in O(n^2) a step:
//
//   H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y
//      = H - (s u' + u s') / s'y + (1 + y'u / s'y) s s' / s'y,      u = H y
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., 6.17; the first H is s'y / y'y
// I, 6.20.
#pragma once

#include <string>

#include "hessopt/core/archive.hpp"
#include "hessopt/linalg/coordinates.hpp"

namespace hessopt {

class BfgsMatrix {
 public:
  static std::string kind() { return "Bfgs"; }

  BfgsMatrix() = default;
  explicit BfgsMatrix(Index size) { allocate(size); }
  // From an inverse Hessian; `begin` tells its units.
  explicit BfgsMatrix(Matrix h0);

  Index count() const { return count_; }
  void clear() { count_ = 0; }
  double step_norm() const { return step_norm_; }
  double gamma() const { return gamma_; }  // s'y / y'y of the newest pair

  // At the start, where the power of two that gradients are multiplied by is known.
  void begin(double unit);

  // As LbfgsHistory::push.
  template <Real T>
  bool push(const VectorOf<T>& x0, const VectorOf<T>& x1, const VectorOf<T>& g0,
            ConstVectorRefOf<T> g1, double unit);

  // d = -H (unit g); returns unit g'd.
  template <Real T>
  double direction(ConstVectorRefOf<T> g, double unit, VectorOf<T>& d) const;
  // The same where the coordinates `free` alone move, by the inverse of that part of B = H^-1:
  //   d_F = -B_FF^-1 g_F = -H_F v,  v_F = g_F,  v elsewhere such that H v is 0 there.
  // One Cholesky factorisation of the other part of H.
  template <Real T>
  double direction_on(const Coordinates& free, ConstVectorRefOf<T> g, double unit,
                      VectorOf<T>& d) const;
  // out = unit H v
  template <Real T>
  void apply(ConstVectorRefOf<T> v, double unit, Eigen::Ref<VectorOf<T>> out) const;

  // unit H
  Matrix matrix(Index size, double unit) const;

  template <class A>
  void fields(A& archive) {
    archive(step_norm_, gamma_, count_, waits_);
    if (count_ > 0 || waits_) archive(h_);
  }
  bool valid(Index size) const;

 private:
  void allocate(Index size);
  void multiply(const Vector& x, Vector& out) const;  // H x

  Matrix h_;  // its lower triangle
  double step_norm_ = 0, gamma_ = 1;
  Index count_ = 0;
  bool waits_ = false;  // for `begin`
};

}  // namespace hessopt
