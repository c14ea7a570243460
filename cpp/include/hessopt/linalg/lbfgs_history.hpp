// The limited-memory BFGS approximation of the inverse Hessian, applied by the two-loop recursion.
//
//   q <- g                                   s_i = x_{i+1} - x_i,  y_i = g_{i+1} - g_i
//   newest to oldest:  a_i <- s_i'q / s_i'y_i ;   q <- q - a_i y_i
//   q <- gamma q,      gamma = s'y / y'y of the newest pair
//   oldest to newest:  b   <- y_i'q / s_i'y_i ;   q <- q + (a_i - b) s_i
//   H g = q
//
// J. Nocedal, "Updating quasi-Newton matrices with limited storage", Math. Comp. 35 (1980);
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., algorithm 7.4.
#pragma once

#include <string>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

// pair(i) -> (s_i, y_i), 0 the oldest; inner[i] = s_i'y_i. q holds g on entry and H g on return.
template <class Pair, class Q>
void two_loop(Index count, Pair&& pair, const Array& inner, double gamma, Q&& q, Index size) {
  Array a(count);
  for (Index i = count - 1; i >= 0; --i) {
    const auto [s, y] = pair(i);
    a[i] = dot(s, q, size) / inner[i];
    axpy(-a[i], y, q, size);
  }
  if (count > 0) {
    using Scalar = std::remove_cvref_t<decltype(q[0])>;
    for_blocks(size, [&](Index begin, Index n) {
      for (Index i = begin; i < begin + n; ++i) q[i] *= static_cast<Scalar>(gamma);
    });
  }
  for (Index i = 0; i < count; ++i) {
    const auto [s, y] = pair(i);
    const double b = dot(y, q, size) / inner[i];
    axpy(a[i] - b, s, q, size);
  }
}

// H g from pairs that lie in the rows of S and Y, oldest first.
template <Real T>
VectorOf<T> two_loop(const VectorView<T>& g, const MatrixView<T>& s, const MatrixView<T>& y) {
  Array inner(s.rows);
  for (Index i = 0; i < s.rows; ++i) {
    inner[i] = dot(s.row(i), y.row(i), g.size);
    // NaN or inf anywhere in a pair shows in its product: no pass of its own looks for them.
    require(inner[i] > 0 && std::isfinite(inner[i]), "S, Y",
            "s'y = " + std::to_string(inner[i]) + " in row " + std::to_string(i),
            "finite pairs of positive curvature, s'y > 0");
  }
  double gamma = 1;
  if (const Index last = s.rows - 1; last >= 0)
    gamma = inner[last] / dot(y.row(last), y.row(last), g.size);

  VectorOf<T> q = g.map();
  two_loop(
      s.rows, [&](Index i) { return std::pair{s.row(i), y.row(i)}; }, inner, gamma, q.data(),
      g.size);
  return q;
}

// The last `capacity` pairs of a run, in a ring: no pair is ever moved.
class LbfgsHistory {
 public:
  LbfgsHistory() = default;
  LbfgsHistory(Index size, Index capacity)
      : s_(size, capacity), y_(size, capacity), inner_(Array::Zero(capacity)) {}

  Index count() const { return count_; }
  void clear() { count_ = 0; }

  // False, and nothing stored, when the curvature along s is lost in rounding. The test does not
  // change when f or x is rescaled.
  bool push(ConstVectorRef s, ConstVectorRef y) {
    const double sy = dot(s, y), yy = dot(y, y);
    const double floor =
        std::sqrt(std::numeric_limits<double>::epsilon()) * norm(s) * std::sqrt(yy);
    if (!(sy > floor) || !std::isfinite(sy)) return false;
    const Index slot = (oldest_ + count_) % capacity();
    s_.col(slot) = s;
    y_.col(slot) = y;
    inner_[slot] = sy;
    gamma_ = sy / yy;
    if (count_ < capacity())
      ++count_;
    else
      oldest_ = (oldest_ + 1) % capacity();
    return true;
  }

  // q <- H q
  void apply(VectorRef q) const {
    Array inner(count_);
    for (Index i = 0; i < count_; ++i) inner[i] = inner_[slot(i)];
    two_loop(
        count_, [&](Index i) { return std::pair{s_.col(slot(i)).data(), y_.col(slot(i)).data()}; },
        inner, gamma_, q.data(), q.size());
  }

  template <class A>
  void fields(A& archive) {
    archive(s_, y_, inner_, gamma_, oldest_, count_);
  }

 private:
  Index capacity() const { return s_.cols(); }
  Index slot(Index i) const { return (oldest_ + i) % capacity(); }

  Matrix s_, y_;  // n x m, a pair per column
  Array inner_;
  double gamma_ = 1;
  Index oldest_ = 0, count_ = 0;
};

}  // namespace hessopt
