// X w and X'r for a few rows: the two products of a linear model. The first brings the rows from
// memory, the second finds them in cache.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/packet.hpp"

namespace hessopt {

namespace detail {

// N rows against one vector. Row by row, because memory is read fastest from end to end.
template <Index N>
void row_dots(const double* x, Index stride, const double* w, Index p, double* out) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<double>;
  for (Index r = 0; r < N; ++r, x += stride) {
    Packet<double> even = broadcast(0.0), odd = even;
    Index j = 0;
    for (; j + 2 * step <= p; j += 2 * step) {
      even = pmadd(load(x + j), load(w + j), even);
      odd = pmadd(load(x + j + step), load(w + j + step), odd);
    }
    if (j + step <= p) {
      even = pmadd(load(x + j), load(w + j), even);
      j += step;
    }
    double sum = 0;
    for (; j < p; ++j) sum += x[j] * w[j];
    out[r] = sum + Eigen::internal::predux(Eigen::internal::padd(even, odd));
  }
}

// g += sum of N rows, each times its number.
template <Index N>
void add_rows(const double* x, Index stride, const double* r, Index p, double* g) {
  Packet<double> factors[N];
  for (Index i = 0; i < N; ++i) factors[i] = broadcast(r[i]);
  Index j = 0;
  for (; j + lanes<double> <= p; j += lanes<double>) {
    Packet<double> sum = load(g + j);
    for (Index i = 0; i < N; ++i)
      sum = Eigen::internal::pmadd(load(x + i * stride + j), factors[i], sum);
    Eigen::internal::pstoreu(g + j, sum);
  }
  for (; j < p; ++j) {
    double sum = 0;
    for (Index i = 0; i < N; ++i) sum += x[i * stride + j] * r[i];
    g[j] += sum;
  }
}

}  // namespace detail

// out = X w
inline void multiply_rows(const RowBlock<double>& x, const double* w, double* out) {
  const Index stride = x.outerStride();
  Index i = 0;
  for (; i + 8 <= x.rows(); i += 8)
    detail::row_dots<8>(x.data() + i * stride, stride, w, x.cols(), out + i);
  for (; i < x.rows(); ++i)
    detail::row_dots<1>(x.data() + i * stride, stride, w, x.cols(), out + i);
}

// g += X'r
inline void add_transposed_rows(const RowBlock<double>& x, const double* r, double* g) {
  const Index stride = x.outerStride();
  Index i = 0;
  for (; i + 8 <= x.rows(); i += 8)
    detail::add_rows<8>(x.data() + i * stride, stride, r + i, x.cols(), g);
  for (; i < x.rows(); ++i) detail::add_rows<1>(x.data() + i * stride, stride, r + i, x.cols(), g);
}

}  // namespace hessopt
