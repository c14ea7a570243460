// X w and X'r for a few rows of either width: the two products of a linear model, summed in double.
// The first brings the rows from memory, the second finds them in cache.
//
// Memory would idle during the second and whatever is computed in between. So some of the rows that
// follow are hinted at: no more than memory can bring in that time, because hints beyond it
// only wait in the way of the rest.
#pragma once

#include <algorithm>

#include "hessopt/kernels/rows.hpp"
#include "packet.hpp"
#include "prefetch.hpp"

namespace hessopt::kernels {
namespace {

inline constexpr Index lines_between = 16;  // hinted at between the two products
inline constexpr Index rows_at_a_time = 8;  // of the second

// What stands against the last packet of a row, which overlaps the packets before it: zeros there.
inline Packet<double> tail_of(const double* w, Index p) {
  constexpr Index step = lanes<double>;
  double tail[step] = {};
  for (Index l = std::max<Index>(0, step - p % step); l < step && p >= step; ++l)
    tail[l] = w[p - step + l];
  return load(tail);
}

// N rows against one vector.
template <Index N, Real T>
void row_dots(const T* x, Index stride, const double* w, Index p, const Packet<double>& tail,
              double* out) {
  using Eigen::internal::padd, Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  Packet<double> even[N], odd[N];
  for (Index r = 0; r < N; ++r) even[r] = odd[r] = broadcast(0.0);
  const auto add = [&](Packet<double>* sums, Index j, const Packet<double>& factor) {
    for (Index r = 0; r < N; ++r) sums[r] = pmadd(load_wide(x + r * stride + j), factor, sums[r]);
  };
  Index j = 0;
  for (; j + 2 * step <= p; j += 2 * step) {
    add(even, j, load(w + j));
    add(odd, j + step, load(w + j + step));
  }
  if (j + step <= p) {
    add(even, j, load(w + j));
    j += step;
  }
  if (j < p && p >= step) {
    add(odd, p - step, tail);
    j = p;
  }
  if constexpr (N == step) {
    PacketSquare<double> square;
    for (Index r = 0; r < N; ++r) square.packet[r] = padd(even[r], odd[r]);
    Eigen::internal::ptranspose(square);
    for (Index r = 1; r < N; ++r) square.packet[0] = padd(square.packet[0], square.packet[r]);
    Eigen::internal::pstoreu(out, square.packet[0]);
  } else {
    for (Index r = 0; r < N; ++r) out[r] = Eigen::internal::predux(padd(even[r], odd[r]));
  }
  for (; j < p; ++j)
    for (Index r = 0; r < N; ++r) out[r] += static_cast<double>(x[r * stride + j]) * w[j];
}

// g += sum of N rows, each times its number.
template <Index N, Real T>
void add_rows(const T* x, Index stride, const double* r, Index p, double* g, const char* ahead) {
  using Eigen::internal::pmadd, Eigen::internal::pstoreu;
  constexpr Index step = lanes<double>;
  constexpr Index hints = N * 2 * step * static_cast<Index>(sizeof(T)) * 3 / 8 / cache_line;
  if (p < step) {
    for (Index j = 0; j < p; ++j)
      for (Index i = 0; i < N; ++i) g[j] += static_cast<double>(x[i * stride + j]) * r[i];
    return;
  }
  Packet<double> factors[N];
  for (Index i = 0; i < N; ++i) factors[i] = broadcast(r[i]);
  const auto sum = [&](Index j) {
    Packet<double> s = load(g + j);
    for (Index i = 0; i < N; ++i) s = pmadd(load_wide(x + i * stride + j), factors[i], s);
    return s;
  };
  const Packet<double> last = sum(p - step);  // overlaps the one before, and agrees with it
  Index j = 0;
  for (; j + 2 * step <= p; j += 2 * step) {
    for (Index k = 0; k < hints; ++k, ahead += cache_line) prefetch_to_l1(ahead);
    const Packet<double> even = sum(j), odd = sum(j + step);
    pstoreu(g + j, even);
    pstoreu(g + j + step, odd);
  }
  if (j + step <= p) pstoreu(g + j, sum(j));
  pstoreu(g + p - step, last);
}

template <Real T>
const char* end_of(const DenseBlock<T>& x) {
  return reinterpret_cast<const char*>(x.data + x.rows * x.stride);
}

template <Real T>
void hint_at_what_follows(const DenseBlock<T>& x) {
  for (Index k = 0; k < lines_between; ++k) prefetch_to_l1(end_of(x) + k * cache_line);
}

// In an order that does not depend on where r lies.
inline double sum_of(const double* r, Index n) {
  constexpr Index width = 16;
  double sums[width] = {};
  Index i = 0;
  for (; i + width <= n; i += width)
    for (Index l = 0; l < width; ++l) sums[l] += r[i + l];
  for (Index l = 0; i < n; ++i, ++l) sums[l] += r[i];
  for (Index half = width / 2; half > 0; half /= 2)
    for (Index l = 0; l < half; ++l) sums[l] += sums[l + half];
  return sums[0];
}

inline void add_to_all(double add, const double* offset, Index offset_stride, double* out,
                       Index n) {
  if (add != 0)
    for (Index i = 0; i < n; ++i) out[i] += add;
  if (offset != nullptr)
    for (Index i = 0; i < n; ++i) out[i] += offset[i * offset_stride];
}

template <Real T>
void multiply(DenseBlock<T> x, const double* w, double add, const double* offset,
              Index offset_stride, double* out) noexcept {
  constexpr Index group = lanes<double>;
  const Index stride = x.stride, p = x.cols;
  const Packet<double> tail = tail_of(w, p);
  Index i = 0;
  for (; i + group <= x.rows; i += group)
    row_dots<group>(x.data + i * stride, stride, w, p, tail, out + i);
  for (; i < x.rows; ++i) row_dots<1>(x.data + i * stride, stride, w, p, tail, out + i);
  hint_at_what_follows(x);
  add_to_all(add, offset, offset_stride, out, x.rows);
}

template <Real T>
void add_transposed(DenseBlock<T> x, const double* r, double* g, double* sum) noexcept {
  constexpr Index group = rows_at_a_time;
  const Index stride = x.stride, p = x.cols;
  const char* ahead = end_of(x) + lines_between * cache_line;
  const Index share = group * p * static_cast<Index>(sizeof(T)) * 3 / 8;
  Index i = 0;
  for (; i + group <= x.rows; i += group, ahead += share)
    add_rows<group>(x.data + i * stride, stride, r + i, p, g, ahead);
  for (; i < x.rows; ++i) add_rows<1>(x.data + i * stride, stride, r + i, p, g, ahead);
  if (sum != nullptr) *sum += sum_of(r, x.rows);
}

}  // namespace
}  // namespace hessopt::kernels
