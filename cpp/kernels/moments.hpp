// Sums over rows of how far the columns lie from given numbers, and of the squares of that.
#pragma once

#include <algorithm>

#include "hessopt/kernels/rows.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

// sums_j += sum over N rows of w_i term(x_ij, j); of packets and, past the last whole one, numbers.
template <Index N, Real T, class Term>
void add_terms(const T* const* rows, const double* w, Index p, double* sums, Term&& term) {
  constexpr Index step = lanes<double>;
  Packet<double> factors[N];
  for (Index r = 0; r < N; ++r) factors[r] = broadcast(w[r]);
  Index j = 0;
  for (; j + step <= p; j += step) {
    Packet<double> sum = load(sums + j);
    for (Index r = 0; r < N; ++r)
      sum = Eigen::internal::pmadd(term(load_wide(rows[r] + j), j), factors[r], sum);
    Eigen::internal::pstoreu(sums + j, sum);
  }
  for (; j < p; ++j)
    for (Index r = 0; r < N; ++r) sums[j] += w[r] * term(static_cast<double>(rows[r][j]), j);
}

// x - centre_j, of a packet or a number.
inline auto distance_from(const double* centre) {
  return [centre]<class X>(const X& x, Index j) {
    if constexpr (std::same_as<X, double>)
      return x - centre[j];
    else
      return Eigen::internal::psub(x, load(centre + j));
  };
}

// sums_j += sum_i w_i term(x_ij, j) over the rows that weigh something.
template <Real T, class Term>
void add_weighted_terms(const DenseBlock<T>& x, const double* weight, double* sums, Term&& term) {
  constexpr Index group = 8;
  const T* rows[group];
  double w[group];
  Index held = 0;
  for (Index i = 0; i < x.rows; ++i) {
    if (weight[i] == 0) continue;
    rows[held] = x.data + i * x.stride;
    w[held++] = weight[i];
    if (held < group) continue;
    add_terms<group>(rows, w, x.cols, sums, term);
    held = 0;
  }
  for (Index r = 0; r < held; ++r) add_terms<1>(rows + r, w + r, x.cols, sums, term);
}

template <Real T>
void add_deviations(DenseBlock<T> x, const double* centre, const double* weight,
                    double* sums) noexcept {
  add_weighted_terms(x, weight, sums, distance_from(centre));
}

template <Real T>
void add_squares(DenseBlock<T> x, const double* centre, const double* weight,
                 double* sums) noexcept {
  const auto distance = distance_from(centre);
  add_weighted_terms(x, weight, sums, [&]<class X>(const X& x_ij, Index j) {
    const X d = distance(x_ij, j);
    return Eigen::internal::pmul(d, d);
  });
}

template <Real T>
void add_ranges(DenseBlock<T> x, const Index* group, double* least, double* most) noexcept {
  using Eigen::internal::pmax, Eigen::internal::pmin, Eigen::internal::pstoreu;
  constexpr Index step = lanes<double>;
  for (Index i = 0; i < x.rows; ++i) {
    if (group[i] < 0) continue;
    const T* from = x.data + i * x.stride;
    double *low = least + group[i] * x.cols, *high = most + group[i] * x.cols;
    Index j = 0;
    for (; j + step <= x.cols; j += step) {
      const Packet<double> numbers = load_wide(from + j);
      pstoreu(low + j, pmin(load(low + j), numbers));
      pstoreu(high + j, pmax(load(high + j), numbers));
    }
    for (; j < x.cols; ++j) {
      low[j] = std::min<double>(low[j], from[j]);
      high[j] = std::max<double>(high[j], from[j]);
    }
  }
}

}  // namespace
}  // namespace hessopt::kernels
