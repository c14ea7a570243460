// The products of row_products.hpp with X and with X o X at once, each row read and squared once:
//   X w and (X o X) z, X'r and (X o X)'t.
#pragma once

#include "row_products.hpp"

namespace hessopt::kernels {
namespace {

// N rows against both vectors, by packets that a tail completes.
template <Index N, Real T>
void square_dots(const T* x, Index stride, const double* w, const double* z, Index p,
                 const Packet<double> (&tails)[2], double* first, double* second) {
  using Eigen::internal::pmadd, Eigen::internal::pmul, Eigen::internal::predux;
  constexpr Index step = lanes<double>;
  Packet<double> sums[N], squares[N];
  for (Index r = 0; r < N; ++r) sums[r] = squares[r] = broadcast(0.0);
  const auto add = [&](Index j, const Packet<double>& w_j, const Packet<double>& z_j) {
    for (Index r = 0; r < N; ++r) {
      const Packet<double> x_j = load_wide(x + r * stride + j);
      sums[r] = pmadd(x_j, w_j, sums[r]);
      squares[r] = pmadd(pmul(x_j, x_j), z_j, squares[r]);
    }
  };
  Index j = 0;
  for (; j + step <= p; j += step) add(j, load(w + j), load(z + j));
  if (j < p && p >= step) {
    add(p - step, tails[0], tails[1]);
    j = p;
  }
  for (Index r = 0; r < N; ++r) {
    first[r] = predux(sums[r]);
    second[r] = predux(squares[r]);
  }
  for (; j < p; ++j)
    for (Index r = 0; r < N; ++r) {
      const double x_j = x[r * stride + j];
      first[r] += x_j * w[j];
      second[r] += x_j * x_j * z[j];
    }
}

// g += sum of N rows, h += sum of their squares, each times its number.
template <Index N, Real T>
void add_rows_and_squares(const T* x, Index stride, const double* r, const double* t, Index p,
                          double* g, double* h, const char* ahead) {
  using Eigen::internal::pmadd, Eigen::internal::pmul, Eigen::internal::pstoreu;
  constexpr Index step = lanes<double>;
  if (p < step) {
    for (Index j = 0; j < p; ++j)
      for (Index i = 0; i < N; ++i) {
        const double x_j = x[i * stride + j];
        g[j] += x_j * r[i];
        h[j] += x_j * x_j * t[i];
      }
    return;
  }
  Packet<double> factors[N], of_squares[N];
  for (Index i = 0; i < N; ++i) {
    factors[i] = broadcast(r[i]);
    of_squares[i] = broadcast(t[i]);
  }
  struct Sums {
    Packet<double> first, second;
  };
  const auto sum = [&](Index j) {
    Sums s{load(g + j), load(h + j)};
    for (Index i = 0; i < N; ++i) {
      const Packet<double> x_j = load_wide(x + i * stride + j);
      s.first = pmadd(x_j, factors[i], s.first);
      s.second = pmadd(pmul(x_j, x_j), of_squares[i], s.second);
    }
    return s;
  };
  const auto put = [&](Index j, const Sums& s) {
    pstoreu(g + j, s.first);
    pstoreu(h + j, s.second);
  };
  const Sums last = sum(p - step);  // overlaps the one before, and agrees with it
  for (Index j = 0; j + step <= p; j += step) {
    if (j % (2 * step) == 0) prefetch_to_l1(ahead + j / (2 * step) * cache_line);
    put(j, sum(j));
  }
  put(p - step, last);
}

inline constexpr Index squares_at_a_time = 4;  // rows, for which there are registers

template <Real T>
void multiply_with_squares(DenseBlock<T> x, const double* w, const double* z, double add,
                           double* first, double* second) noexcept {
  constexpr Index group = squares_at_a_time;
  const Index stride = x.stride, p = x.cols;
  const Packet<double> tails[2] = {tail_of(w, p), tail_of(z, p)};
  Index i = 0;
  for (; i + group <= x.rows; i += group)
    square_dots<group>(x.data + i * stride, stride, w, z, p, tails, first + i, second + i);
  for (; i < x.rows; ++i)
    square_dots<1>(x.data + i * stride, stride, w, z, p, tails, first + i, second + i);
  hint_at_what_follows(x);
  add_to_all(add, nullptr, 0, first, x.rows);
}

template <Real T>
void add_transposed_with_squares(DenseBlock<T> x, const double* r, const double* t, double* g,
                                 double* h, double* sum) noexcept {
  constexpr Index group = squares_at_a_time;
  const Index stride = x.stride, p = x.cols;
  const char* ahead = end_of(x) + lines_between * cache_line;
  const Index share = p / (2 * lanes<double>)*cache_line;
  Index i = 0;
  for (; i + group <= x.rows; i += group, ahead += share)
    add_rows_and_squares<group>(x.data + i * stride, stride, r + i, t + i, p, g, h, ahead);
  for (; i < x.rows; ++i)
    add_rows_and_squares<1>(x.data + i * stride, stride, r + i, t + i, p, g, h, ahead);
  if (sum != nullptr) *sum += sum_of(r, x.rows);
}

}  // namespace
}  // namespace hessopt::kernels
