#include "hessopt/linalg/lbfgs_history.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {
namespace {

// First half of the recursion. pair(i) -> views of (s_i, y_i), 0 the oldest; inner[i] = s_i'y_i.
template <class Pair, class Q>
Array two_loop_down(Index count, Pair&& pair, const Array& inner, VectorOf<Q>& q) {
  Array a(count);
  const VectorView<Q> view{q.data(), q.size(), 1};
  for (Index i = count - 1; i >= 0; --i) {
    const auto [s, y] = pair(i);
    a[i] = dot(s, view) / inner[i];
    axpy(-a[i], y, q.data());
  }
  return a;
}

// Second half, after q <- H0 q.
template <class Pair, class Q>
void two_loop_up(const Array& a, Pair&& pair, const Array& inner, VectorOf<Q>& q) {
  const VectorView<Q> view{q.data(), q.size(), 1};
  for (Index i = 0; i < a.size(); ++i) {
    const auto [s, y] = pair(i);
    const double b = dot(y, view) / inner[i];
    axpy(a[i] - b, s, q.data());
  }
}

// Elements of a block: 128 KiB of every column, long enough for its stream to get up to speed,
// while the block of the vector that they all meet, in float64, stays in any L2 cache.
template <Real T>
constexpr Index pass_block = 131072 / sizeof(T);

// work(begin, size, sums) over blocks of a vector; returns the sums of all, added in order.
Array sums_over(const Cut& blocks, Index sums, FunctionRef<void(Index, Index, double*)> work) {
  Matrix partial = Matrix::Zero(sums, blocks.count());
  parallel_for(blocks.count(),
               [&](Index b) { work(blocks.begin(b), blocks.size(b), partial.col(b).data()); });
  Array out = Array::Zero(sums);
  for (Index b = 0; b < blocks.count(); ++b) out += partial.col(b).array();
  return out;
}

template <Real P, Real T>
const auto& passes() {
  if constexpr (std::same_as<P, T>)
    return kernels::vectors<T>().pairs;
  else
    return kernels::vectors<T>().wide_pairs;
}

bool is_of(const auto& m, Index rows, Index cols) { return m.rows() == rows && m.cols() == cols; }

}  // namespace

template <Real T>
VectorOf<T> two_loop(const VectorView<T>& g, const MatrixView<T>& s, const MatrixView<T>& y) {
  Array inner(s.rows);
  for (Index i = 0; i < s.rows; ++i) {
    inner[i] = dot(s.row(i), y.row(i));
    // NaN or inf anywhere in a pair shows in its product: no separate pass checks for them.
    require(inner[i] > 0 && std::isfinite(inner[i]), "S, Y",
            "s'y = " + std::to_string(inner[i]) + " in row " + std::to_string(i),
            "finite pairs of positive curvature, s'y > 0");
  }
  const auto pair = [&](Index i) { return std::pair{s.row(i), y.row(i)}; };
  VectorOf<T> q = g.map();
  const Array a = two_loop_down(s.rows, pair, inner, q);
  if (const Index last = s.rows - 1; last >= 0)
    scale(inner[last] / dot(y.row(last), y.row(last)), q);
  two_loop_up(a, pair, inner, q);
  return q;
}

template <Real T>
LbfgsHistory<T>::LbfgsHistory(Index size, Index capacity) {
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

template <Real T>
template <Real P>
bool LbfgsHistory<T>::push(const VectorOf<P>& x0, const VectorOf<P>& x1, const VectorOf<P>& g0,
                           ConstVectorRefOf<P> g1, double unit) {
  const Index k = slot(count_);
  const std::vector<const T*> met = columns(is_long() ? count_ + 1 : 0);  // the new pair last
  const Index products = static_cast<Index>(met.size());
  const Array sums =
      sums_over({x0.size(), pass_block<T>}, 3 + products, [&](Index begin, Index size, double* to) {
        passes<P, T>().push(size, x0.data() + begin, x1.data() + begin, g0.data() + begin,
                            g1.data() + begin, unit, s_.col(k).data() + begin,
                            y_.col(k).data() + begin, to);
        if (products == 0) return;
        const Scratch scratch(size * Index{sizeof(double)});
        double* g = static_cast<double*>(scratch.data());
        kernels::vectors<P>().widen(size, unit, g1.data() + begin, g);
        kernels::vectors<T>().products(size, met.data(), begin, products, g, to + 3);
      });
  const double ss = sums[0], sy = sums[1], yy = sums[2];
  step_norm_ = std::sqrt(ss);
  if (is_long()) {
    // Products with y are the differences of those with the two gradients: no product of its own.
    for (Index i = 0; i <= count_; ++i) {
      const Index j = slot(i);
      const double with_s = sums[3 + 2 * i], with_y = sums[4 + 2 * i];
      if (i < count_) {
        sy_(j, k) = with_s - sg_[j];
        yy_(j, k) = yy_(k, j) = with_y - yg_[j];
      }
      sg_[j] = with_s;
      yg_[j] = with_y;
    }
  }
  if (!has_curvature(ss, sy, yy)) return false;
  sy_(k, k) = sy;
  yy_(k, k) = yy;
  newest_ = k;
  if (count_ < capacity())
    ++count_;
  else
    oldest_ = (oldest_ + 1) % s_.cols();
  return true;
}

template <Real T>
template <Real P>
double LbfgsHistory<T>::direction(ConstVectorRefOf<P> g, double unit, VectorOf<P>& d) const {
  d.resize(g.size());
  if (is_long()) return combine<P>(g, unit, sg_, yg_, d);
  Vector q = widened<P>(unit, g);
  multiply(q);
  narrow<P>(-1, q, d);
  return dot(d, g) * unit;
}

template <Real T>
template <Real P>
void LbfgsHistory<T>::apply(ConstVectorRefOf<P> v, double unit, Eigen::Ref<VectorOf<P>> out) const {
  if (!is_long()) {
    Vector q = widened<P>(unit, v);
    multiply(q);
    return narrow<P>(1, q, out);
  }
  const std::vector<const T*> met = columns(count_);
  const Index products = static_cast<Index>(met.size());
  const Array sums =
      sums_over({v.size(), pass_block<T>}, products, [&](Index begin, Index size, double* to) {
        if constexpr (std::same_as<P, double>) {
          kernels::vectors<T>().products(size, met.data(), begin, products, v.data() + begin, to);
        } else {
          const Scratch scratch(size * Index{sizeof(double)});
          double* wide = static_cast<double*>(scratch.data());
          kernels::vectors<P>().widen(size, 1, v.data() + begin, wide);
          kernels::vectors<T>().products(size, met.data(), begin, products, wide, to);
        }
      });
  Array sv(s_.cols()), yv(s_.cols());
  for (Index i = 0; i < count_; ++i) {
    sv[slot(i)] = -unit * sums[2 * i];
    yv[slot(i)] = -unit * sums[2 * i + 1];
  }
  combine<P>(v, -unit, sv, yv, out);
}

template <Real T>
Array LbfgsHistory<T>::down(Vector& q) const {
  if (is_long())
    return two_loop_down(count_, [this](Index i) { return std::pair{s(i), y(i)}; }, inner(), q);
  Array a(count_);
  kernels::vectors<T>().down(q.size(), columns(count_).data(), count_, inner().data(), q.data(),
                             a.data());
  return a;
}
template <Real T>
void LbfgsHistory<T>::up(const Array& a, Vector& q) const {
  if (is_long())
    return two_loop_up(a, [this](Index i) { return std::pair{s(i), y(i)}; }, inner(), q);
  kernels::vectors<T>().up(q.size(), columns(count_).data(), count_, inner().data(), a.data(),
                           q.data());
}

template <Real T>
bool LbfgsHistory<T>::has_curvature(double ss, double sy, double yy) {
  const double floor = std::sqrt(std::numeric_limits<T>::epsilon()) * std::sqrt(ss) * std::sqrt(yy);
  return sy > floor && std::isfinite(sy) && std::isfinite(yy);
}

template <Real T>
bool LbfgsHistory<T>::valid(Index size) const {
  const Index m = s_.cols();
  return m > 0 && s_.rows() == size && is_of(y_, size, m) && is_of(sy_, m, m) && is_of(yy_, m, m) &&
         sg_.size() == m && yg_.size() == m && count_ >= 0 && count_ < m && oldest_ >= 0 &&
         oldest_ < m && newest_ >= 0 && newest_ < m;
}

// Of the first pairs in use, oldest first: s, y, s, y, ...
template <Real T>
std::vector<const T*> LbfgsHistory<T>::columns(Index count) const {
  std::vector<const T*> out;
  out.reserve(static_cast<std::size_t>(2 * count));
  for (Index i = 0; i < count; ++i) {
    out.push_back(s(i).data);
    out.push_back(y(i).data);
  }
  return out;
}
template <Real T>
Array LbfgsHistory<T>::inner() const {
  Array out(count_);
  for (Index i = 0; i < count_; ++i) out[i] = sy_(slot(i), slot(i));
  return out;
}

// q <- H q for short vectors.
template <Real T>
void LbfgsHistory<T>::multiply(Vector& q) const {
  const auto& k = kernels::vectors<T>();
  const std::vector<const T*> met = columns(count_);
  const Array products = inner();
  Array a(count_);
  k.down(q.size(), met.data(), count_, products.data(), q.data(), a.data());
  scale(gamma(), q);
  k.up(q.size(), met.data(), count_, products.data(), a.data(), q.data());
}

// The recursion on numbers: weights of s and y, in pairs, of -H v, from the products with v.
template <Real T>
Array LbfgsHistory<T>::weights(const Array& sv, const Array& yv) const {
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
template <Real T>
template <Real P>
double LbfgsHistory<T>::combine(ConstVectorRefOf<P> v, double unit, const Array& sv,
                                const Array& yv, Eigen::Ref<VectorOf<P>> out) const {
  const std::vector<const T*> met = columns(count_);
  const Array w = weights(sv, yv);
  const Array sum =
      sums_over({v.size(), pass_block<T>}, 1, [&](Index begin, Index size, double* to) {
        const Scratch scratch(size * Index{sizeof(double)});
        *to = passes<P, T>().combine(size, v.data() + begin, -gamma() * unit, met.data(), begin,
                                     w.data(), w.size(), static_cast<double*>(scratch.data()),
                                     out.data() + begin);
      });
  return unit * sum[0];
}

template VectorOf<float> two_loop(const VectorView<float>&, const MatrixView<float>&,
                                  const MatrixView<float>&);
template VectorOf<double> two_loop(const VectorView<double>&, const MatrixView<double>&,
                                   const MatrixView<double>&);

template class LbfgsHistory<float>;
template class LbfgsHistory<double>;
#define HESSOPT_PAIRS(T, P)                                                                       \
  template bool LbfgsHistory<T>::push<P>(const VectorOf<P>&, const VectorOf<P>&,                  \
                                         const VectorOf<P>&, ConstVectorRefOf<P>, double);        \
  template double LbfgsHistory<T>::direction<P>(ConstVectorRefOf<P>, double, VectorOf<P>&) const; \
  template void LbfgsHistory<T>::apply<P>(ConstVectorRefOf<P>, double, Eigen::Ref<VectorOf<P>>)   \
      const;
HESSOPT_PAIRS(float, float)
HESSOPT_PAIRS(double, double)
HESSOPT_PAIRS(float, double)
#undef HESSOPT_PAIRS

}  // namespace hessopt
