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
#include <utility>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/linalg/lbfgs_passes.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

// First half of the recursion. pair(i) -> (s_i, y_i), 0 the oldest; inner[i] = s_i'y_i.
template <class Pair, class Q>
Array two_loop_down(Index count, Pair&& pair, const Array& inner, Q&& q, Index size) {
  Array a(count);
  for (Index i = count - 1; i >= 0; --i) {
    const auto [s, y] = pair(i);
    a[i] = dot(s, q, size) / inner[i];
    axpy(-a[i], y, q, size);
  }
  return a;
}

// Second half, after q <- H0 q.
template <class Pair, class Q>
void two_loop_up(const Array& a, Pair&& pair, const Array& inner, Q&& q, Index size) {
  for (Index i = 0; i < a.size(); ++i) {
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
  const auto pair = [&](Index i) { return std::pair{s.row(i), y.row(i)}; };
  VectorOf<T> q = g.map();
  const Array a = two_loop_down(s.rows, pair, inner, q.data(), g.size);
  if (const Index last = s.rows - 1; last >= 0)
    q *= static_cast<T>(inner[last] / dot(y.row(last), y.row(last), g.size));
  two_loop_up(a, pair, inner, q.data(), g.size);
  return q;
}

// The last pairs of a run, stored as T, in a ring with one slot to spare for the pair on trial: no
// pair is ever moved.
template <Real T>
class LbfgsHistory {
 public:
  static std::string kind() { return sizeof(T) == 4 ? "Lbfgs of float32 pairs" : "Lbfgs"; }
  static constexpr Index long_vector = 8192;  // from here on the recursion runs on inner products

  LbfgsHistory() = default;
  LbfgsHistory(Index size, Index capacity) {
    require(is_count(capacity), "maxcor", std::to_string(capacity), "a number of pairs");
    const Index m = capacity + 1;
    naming_memory("pairs of L-BFGS", 2 * m, std::max(size, m), sizeof(T), [&] {
      s_.resize(size, m);
      y_.resize(size, m);
      sy_ = yy_ = Matrix::Zero(m, m);
      sg_ = yg_ = Array::Zero(m);
    });
    for (const auto* pairs : {&s_, &y_})
      advise_huge_pages(pairs->data(), sizeof(T) * static_cast<std::size_t>(pairs->size()));
  }

  Index count() const { return count_; }
  void clear() { count_ = 0; }

  // The pair of a step from x0 to x1, y = unit (g1 - g0). False, and nothing is kept, when the
  // curvature along s is lost in rounding; the test does not change when f or x is rescaled. Each
  // push goes on from the gradient that the last one ended with.
  template <Real P>
  bool push(const VectorOf<P>& x0, const VectorOf<P>& x1, const VectorOf<P>& g0,
            ConstVectorRefOf<P> g1, double unit) {
    const Index k = slot(count_);
    const std::vector<Index> used = slots();
    const detail::PairColumns<T> columns(s_, y_, used);
    const Array sums = detail::sum_over_blocks<T>(
        x0.size(), 5 + columns.count(), [&](Index begin, Index size, double* to) {
          double* g = detail::block_buffer(size);
          detail::scaled(g1.data() + begin, unit, size, g);
          T* s = s_.col(k).data() + begin;
          T* y = y_.col(k).data() + begin;
          for (Index i = 0; i < size; ++i) {
            s[i] = static_cast<T>(static_cast<double>(x1[begin + i]) -
                                  static_cast<double>(x0[begin + i]));
            y[i] = static_cast<T>(g[i] - unit * static_cast<double>(g0[begin + i]));
          }
          to[0] += detail::dot_block(s, s, 0, size);
          to[1] += detail::dot_block(s, y, 0, size);
          to[2] += detail::dot_block(y, y, 0, size);
          if (!is_long()) return;
          to[3] += detail::dot_block(s, g, 0, size);
          to[4] += detail::dot_block(y, g, 0, size);
          columns.add_products(g, begin, size, to + 5);
        });
    const double ss = sums[0], sy = sums[1], yy = sums[2];
    step_norm_ = std::sqrt(ss);
    if (is_long()) {
      // Products with y are the differences of those with the two gradients: no product of its own.
      for (std::size_t i = 0; i < used.size(); ++i) {
        const Index j = used[i];
        const double with_s = sums[5 + 2 * static_cast<Index>(i)];
        const double with_y = sums[6 + 2 * static_cast<Index>(i)];
        sy_(j, k) = with_s - sg_[j];
        yy_(j, k) = yy_(k, j) = with_y - yg_[j];
        sg_[j] = with_s;
        yg_[j] = with_y;
      }
      sg_[k] = sums[3];
      yg_[k] = sums[4];
    }
    const double floor =
        std::sqrt(std::numeric_limits<T>::epsilon()) * std::sqrt(ss) * std::sqrt(yy);
    if (!(sy > floor) || !std::isfinite(sy) || !std::isfinite(yy)) return false;
    sy_(k, k) = sy;
    yy_(k, k) = yy;
    newest_ = k;
    if (count_ < capacity())
      ++count_;
    else
      oldest_ = (oldest_ + 1) % s_.cols();
    return true;
  }
  // Length of the last step that was offered.
  double step_norm() const { return step_norm_; }

  double gamma() const { return count_ > 0 ? sy_(newest_, newest_) / yy_(newest_, newest_) : 1; }

  // d = -H (unit g), where g is the gradient that the last `push` ended with; returns unit g'd.
  template <Real P>
  double direction(ConstVectorRefOf<P> g, double unit, VectorOf<P>& d) const {
    d.resize(g.size());
    if (is_long()) return combine<P>(g, unit, sg_, yg_, d);
    Vector q = unit * g.template cast<double>();
    const Array a = down(q);
    q *= gamma();
    up(a, q);
    d = -q.cast<P>();
    return dot(d, g) * unit;
  }

  // out = unit H v, by one pass for the products and one for the result.
  template <Real P>
  void apply(ConstVectorRefOf<P> v, double unit, Eigen::Ref<VectorOf<P>> out) const {
    if (is_long()) {
      const std::vector<Index> used = slots();
      const detail::PairColumns<T> columns(s_, y_, used);
      const Array sums = detail::sum_over_blocks<T>(
          v.size(), columns.count(), [&](Index begin, Index size, double* to) {
            if constexpr (std::same_as<P, double>) {
              columns.add_products(v.data() + begin, begin, size, to);
            } else {
              double* block = detail::block_buffer(size);
              detail::scaled(v.data() + begin, 1, size, block);
              columns.add_products(block, begin, size, to);
            }
          });
      Array sv(s_.cols()), yv(s_.cols());
      for (std::size_t i = 0; i < used.size(); ++i) {
        sv[used[i]] = -unit * sums[2 * static_cast<Index>(i)];
        yv[used[i]] = -unit * sums[2 * static_cast<Index>(i) + 1];
      }
      combine<P>(v, -unit, sv, yv, out);
      return;
    }
    Vector q = unit * v.template cast<double>();
    const Array a = down(q);
    q *= gamma();
    up(a, q);
    out = q.template cast<P>();
  }

  // The two halves of the recursion, for an H0 other than gamma I.
  Array down(Vector& q) const { return two_loop_down(count_, pair(), inner(), q.data(), q.size()); }
  void up(const Array& a, Vector& q) const { two_loop_up(a, pair(), inner(), q.data(), q.size()); }

  template <class A>
  void fields(A& archive) {
    archive(s_, y_, sy_, yy_, sg_, yg_, step_norm_, oldest_, count_, newest_);
  }
  bool valid(Index size) const {
    const Index m = s_.cols();
    return m > 0 && s_.rows() == size && is_of(y_, size, m) && is_of(sy_, m, m) &&
           is_of(yy_, m, m) && sg_.size() == m && yg_.size() == m && count_ >= 0 && count_ < m &&
           oldest_ >= 0 && oldest_ < m && newest_ >= 0 && newest_ < m;
  }
  bool is_absent() const { return s_.size() + y_.size() + count_ == 0; }

 private:
  template <class M>
  static bool is_of(const M& m, Index rows, Index cols) {
    return m.rows() == rows && m.cols() == cols;
  }
  bool is_long() const { return s_.rows() >= long_vector; }
  Index capacity() const { return s_.cols() - 1; }
  Index slot(Index i) const { return (oldest_ + i) % s_.cols(); }
  std::vector<Index> slots() const {
    std::vector<Index> out(static_cast<std::size_t>(count_));
    for (Index i = 0; i < count_; ++i) out[static_cast<std::size_t>(i)] = slot(i);
    return out;
  }
  auto pair() const {
    return [this](Index i) { return std::pair{s_.col(slot(i)).data(), y_.col(slot(i)).data()}; };
  }
  Array inner() const {
    Array out(count_);
    for (Index i = 0; i < count_; ++i) out[i] = sy_(slot(i), slot(i));
    return out;
  }

  // The recursion on numbers: weights of s and y, in pairs, of -H v, from the products with v.
  Array weights(const Array& sv, const Array& yv) const {
    Array a(count_), out(2 * count_);
    for (Index i = count_ - 1; i >= 0; --i) {
      double sum = sv[slot(i)];
      for (Index j = i + 1; j < count_; ++j) sum -= a[j] * sy_(slot(i), slot(j));
      a[i] = sum / sy_(slot(i), slot(i));
      out[2 * i + 1] = gamma() * a[i];
    }
    for (Index i = 0; i < count_; ++i) {
      double sum = yv[slot(i)];
      for (Index j = 0; j < count_; ++j) sum -= a[j] * yy_(slot(i), slot(j));
      sum *= gamma();
      for (Index j = 0; j < i; ++j) sum -= out[2 * j] * sy_(slot(j), slot(i));
      out[2 * i] = sum / sy_(slot(i), slot(i)) - a[i];
    }
    return out;
  }

  // out = -H (unit v) from the products of S and Y with unit v; returns unit v'out.
  template <Real P>
  double combine(ConstVectorRefOf<P> v, double unit, const Array& sv, const Array& yv,
                 Eigen::Ref<VectorOf<P>> out) const {
    const std::vector<Index> used = slots();
    const detail::PairColumns<T> columns(s_, y_, used);
    const Array w = weights(sv, yv);
    return unit * detail::sum_over_blocks<T>(v.size(), 1, [&](Index begin, Index size, double* to) {
             double* sum = detail::block_buffer(size);
             detail::scaled(v.data() + begin, -gamma() * unit, size, sum);
             columns.add_combination(w, begin, size, sum);
             for (Index i = 0; i < size; ++i) out[begin + i] = static_cast<P>(sum[i]);
             *to += detail::dot_block(out.data() + begin, v.data() + begin, 0, size);
           })[0];
  }

  MatrixOf<T> s_, y_;  // n x (m + 1), a pair per column
  Matrix sy_, yy_;     // s_i'y_j for i no newer than j, y_i'y_j; long vectors: all, else diagonals
  Array sg_, yg_;      // products with the gradient of the last push, for long vectors
  double step_norm_ = 0;
  Index oldest_ = 0, count_ = 0, newest_ = 0;
};

}  // namespace hessopt
