// The two passes of L-BFGS over its pairs, each at the speed of memory: four columns at a time, and
// a block of the vector they meet stays in the cache.
#pragma once

#include <algorithm>
#include <array>

#include "dot_block.hpp"
#include "hessopt/kernels/vectors.hpp"
#include "packet.hpp"
#include "prefetch.hpp"

namespace hessopt::kernels {
namespace {

template <class T>
using Four = std::array<const T*, 4>;

// Elements taken at a time: whole lines of every column, and two packets at least.
template <class T>
constexpr Index stretch = std::max<Index>(cache_line / sizeof(T), 2 * lanes<double>);

// A hint a few lines ahead: there are more streams than the processor follows by itself.
template <class T>
EIGEN_ALWAYS_INLINE void look_ahead(const Four<T>& columns, Index i) {
  constexpr Index line = cache_line / sizeof(T), ahead = 6 * line;
  for (const T* column : columns)
    for (Index j = i; j < i + stretch<T>; j += line) prefetch_to_l1(column + j + ahead);
}

// sums[k] += column k ' v
template <class T>
HESSOPT_NOINLINE void dots(const Four<T>& columns, const double* v, Index size,
                           double* const (&sums)[4]) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  const auto [a, b, c, d] = columns;
  Packet<double> partial[4][2];
  for (auto& pair : partial)
    for (Packet<double>& p : pair) p = broadcast(0.0);
  const Index whole = size / stretch<T> * stretch<T>;
  for (Index i = 0; i < whole; i += stretch<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + stretch<T>; j += 2 * step)
      for (Index h = 0; h < 2; ++h) {
        const Index at = j + h * step;
        const Packet<double> x = load(v + at);
        partial[0][h] = pmadd(load_wide(a + at), x, partial[0][h]);
        partial[1][h] = pmadd(load_wide(b + at), x, partial[1][h]);
        partial[2][h] = pmadd(load_wide(c + at), x, partial[2][h]);
        partial[3][h] = pmadd(load_wide(d + at), x, partial[3][h]);
      }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    double sum = Eigen::internal::predux(Eigen::internal::padd(partial[k][0], partial[k][1]));
    for (Index i = whole; i < size; ++i) sum += static_cast<double>(columns[k][i]) * v[i];
    *sums[k] += sum;
  }
}

// sum += columns * weights
template <class T>
HESSOPT_NOINLINE void accumulate(const Four<T>& columns, const std::array<double, 4>& w,
                                 double* sum, Index size) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  const auto [a, b, c, d] = columns;
  const Packet<double> wa = broadcast(w[0]), wb = broadcast(w[1]), wc = broadcast(w[2]),
                       wd = broadcast(w[3]);
  const Index whole = size / stretch<T> * stretch<T>;
  for (Index i = 0; i < whole; i += stretch<T>) {
    look_ahead<T>(columns, i);
    for (Index j = i; j < i + stretch<T>; j += step) {
      Packet<double> s = pmadd(load_wide(a + j), wa, load(sum + j));
      s = pmadd(load_wide(b + j), wb, s);
      s = pmadd(load_wide(c + j), wc, s);
      Eigen::internal::pstoreu(sum + j, pmadd(load_wide(d + j), wd, s));
    }
  }
  for (Index i = whole; i < size; ++i)
    sum[i] += (w[0] * static_cast<double>(a[i]) + w[1] * static_cast<double>(b[i])) +
              (w[2] * static_cast<double>(c[i]) + w[3] * static_cast<double>(d[i]));
}

// Columns k .. k + 3; past the last one it is read again, to no effect.
template <class T>
Four<T> four(const T* const* columns, Index begin, Index count, Index k) {
  const auto column = [&](Index i) { return columns[std::min(i, count - 1)] + begin; };
  return {column(k), column(k + 1), column(k + 2), column(k + 3)};
}

template <class T>
void products(Index n, const T* const* columns, Index begin, Index count, const double* v,
              double* sums) noexcept {
  double nowhere = 0;
  const auto place = [&](Index k) { return k < count ? sums + k : &nowhere; };
  for (Index k = 0; k < count; k += 4) {
    double* const to[4] = {place(k), place(k + 1), place(k + 2), place(k + 3)};
    dots<T>(four(columns, begin, count, k), v, n, to);
  }
}

template <class P, class T>
double combine_pairs(Index n, const P* v, double unit, const T* const* columns, Index begin,
                     const double* weights, Index count, double* buffer, P* out) noexcept {
  for (Index i = 0; i < n; ++i) buffer[i] = unit * static_cast<double>(v[i]);
  const auto weight = [&](Index k) { return k < count ? weights[k] : 0.0; };
  for (Index k = 0; k < count; k += 4)
    accumulate<T>(four(columns, begin, count, k),
                  {weight(k), weight(k + 1), weight(k + 2), weight(k + 3)}, buffer, n);
  for (Index i = 0; i < n; ++i) out[i] = static_cast<P>(buffer[i]);
  return dot_block(out, v, n);
}

template <class P, class T>
void push_pair(Index n, const P* x0, const P* x1, const P* g0, const P* g1, double unit, T* s, T* y,
               double* sums) noexcept {
  for (Index i = 0; i < n; ++i) {
    s[i] = static_cast<T>(static_cast<double>(x1[i]) - static_cast<double>(x0[i]));
    y[i] = static_cast<T>(unit * static_cast<double>(g1[i]) - unit * static_cast<double>(g0[i]));
  }
  sums[0] = dot_block(s, s, n);
  sums[1] = dot_block(s, y, n);
  sums[2] = dot_block(y, y, n);
}

template <class T>
HESSOPT_NOINLINE void add_multiple(Index n, double scale, const T* x, double* y) {
  for (Index i = 0; i < n; ++i) y[i] += scale * static_cast<double>(x[i]);
}

template <class T>
void down(Index n, const T* const* columns, Index pairs, const double* inner, double* q,
          double* a) noexcept {
  for (Index i = pairs - 1; i >= 0; --i) {
    a[i] = dot_block(columns[2 * i], q, n) / inner[i];
    add_multiple(n, -a[i], columns[2 * i + 1], q);
  }
}

template <class T>
void up(Index n, const T* const* columns, Index pairs, const double* inner, const double* a,
        double* q) noexcept {
  for (Index i = 0; i < pairs; ++i) {
    const double b = dot_block(columns[2 * i + 1], q, n) / inner[i];
    add_multiple(n, a[i] - b, columns[2 * i], q);
  }
}

}  // namespace
}  // namespace hessopt::kernels
