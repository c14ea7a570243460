// The limited-memory BFGS approximation H of the inverse Hessian, held as its last m pairs.
//
//   q <- g                                   s_i = x_{i+1} - x_i,  y_i = g_{i+1} - g_i
//   newest to oldest:  a_i <- s_i'q / s_i'y_i ;   q <- q - a_i y_i
//   q <- H0 q,         H0 = gamma I, gamma = s'y / y'y of the newest pair
//   oldest to newest:  b   <- y_i'q / s_i'y_i ;   q <- q + (a_i - b) s_i
//   H g = q
//
// Short vectors go through it as it stands. Where they spill from the cache it runs on numbers
// instead: q is always a combination of g, S and Y, and what the recursion asks of it are inner
// products of these. One pass over S and Y takes the products with a new vector, a second writes
// the combination: 4 m n numbers read, where the loop above reads 8 to 10 m n.
//
// J. Nocedal, "Updating quasi-Newton matrices with limited storage", Math. Comp. 35 (1980);
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., algorithm 7.4;
// W. Chen, Z. Wang, J. Zhou, "Large-scale L-BFGS using MapReduce", NIPS 2014.
#pragma once

#include <string>
#include <vector>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/matrix_view.hpp"
#include "hessopt/linalg/coordinates.hpp"

namespace hessopt {

// H g from pairs that lie in the rows of S and Y, oldest first.
template <Real T>
VectorOf<T> two_loop(const VectorView<T>& g, const MatrixView<T>& s, const MatrixView<T>& y);

// The last pairs of a run, stored as T, in a ring with one slot to spare for the pair on trial: no
// pair is ever moved. Vectors of P = T or double meet them.
template <Real T>
class LbfgsHistory {
 public:
  static std::string kind() { return sizeof(T) == 4 ? "Lbfgs of float32 pairs" : "Lbfgs"; }
  static constexpr Index long_vector = 8192;  // from here on the recursion runs on inner products

  LbfgsHistory() = default;
  LbfgsHistory(Index size, Index capacity);

  Index count() const { return count_; }
  void clear() { count_ = 0; }

  // The pair of a step from x0 to x1, y = unit (g1 - g0). False, and nothing is kept, when the
  // curvature along s is lost in rounding; the test does not change when f or x is rescaled. Each
  // push goes on from the gradient that the last one ended with.
  template <Real P>
  bool push(const VectorOf<P>& x0, const VectorOf<P>& x1, const VectorOf<P>& g0,
            ConstVectorRefOf<P> g1, double unit);
  // Length of the last step that was offered.
  double step_norm() const { return step_norm_; }

  double gamma() const { return count_ > 0 ? sy_(newest_, newest_) / yy_(newest_, newest_) : 1; }

  // d = -H (unit g), where g is the gradient that the last `push` ended with; returns unit g'd.
  template <Real P>
  double direction(ConstVectorRefOf<P> g, double unit, VectorOf<P>& d) const;

  // The same where the coordinates `free` alone move: d is 0 elsewhere. Of `restricted` pairs.
  template <Real P>
  double direction_on(const Coordinates& free, ConstVectorRefOf<P> g, double unit,
                      VectorOf<P>& d) const;
  // The pairs on these coordinates, but those whose curvature is lost there; for `down`, `up` and
  // `gamma`. What they make of H is positive definite on any coordinates, without a factorisation.
  LbfgsHistory restricted(const Coordinates& free) const;

  // out = unit H v, by one pass for the products and one for the result.
  template <Real P>
  void apply(ConstVectorRefOf<P> v, double unit, Eigen::Ref<VectorOf<P>> out) const;

  // The two halves of the recursion, for an H0 other than gamma I.
  Array down(Vector& q) const;
  void up(const Array& a, Vector& q) const;

  template <class A>
  void fields(A& archive) {
    archive(s_, y_, sy_, yy_, sg_, yg_, step_norm_, oldest_, count_, newest_);
  }
  bool valid(Index size) const;
  bool is_absent() const { return s_.size() + y_.size() + count_ == 0; }

 private:
  static bool has_curvature(double ss, double sy, double yy);
  bool is_long() const { return s_.rows() >= long_vector; }
  Index capacity() const { return s_.cols() - 1; }
  Index slot(Index i) const { return (oldest_ + i) % s_.cols(); }
  std::vector<const T*> columns(Index count) const;
  VectorView<T> s(Index i) const { return {s_.col(slot(i)).data(), s_.rows(), 1}; }
  VectorView<T> y(Index i) const { return {y_.col(slot(i)).data(), y_.rows(), 1}; }
  Array inner() const;
  void multiply(Vector& q) const;
  Array weights(const Array& sv, const Array& yv) const;
  template <Real P>
  double combine(ConstVectorRefOf<P> v, double unit, const Array& sv, const Array& yv,
                 Eigen::Ref<VectorOf<P>> out) const;

  MatrixOf<T> s_, y_;  // n x (m + 1), a pair per column
  Matrix sy_, yy_;     // s_i'y_j for i no newer than j, y_i'y_j; long vectors: all, else diagonals
  Array sg_, yg_;      // products with the gradient of the last push, for long vectors
  double step_norm_ = 0;
  Index oldest_ = 0, count_ = 0, newest_ = 0;
};

}  // namespace hessopt
