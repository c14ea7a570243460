// Passes over vectors, and over the pairs of L-BFGS.
//
// n elements a call, and x, y, out next to each other in memory where no stride is given; out may
// be one of the others. Products are summed in float64 whatever the storage.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// Pairs stored as T that are met by vectors of P. `columns` are s, y, s, y, ..., oldest first.
template <class P, class T>
struct PairKernels {
  // s = x1 - x0, y = unit (g1 - g0); sums = s's, s'y, y'y
  void (*push)(Index n, const P* x0, const P* x1, const P* g0, const P* g1, double unit, T* s, T* y,
               double* sums) noexcept;
  // out = unit v + columns * weights, each column from its element `begin` on, by way of n numbers
  // in `buffer`; returns out'v.
  double (*combine)(Index n, const P* v, double unit, const T* const* columns, Index begin,
                    const double* weights, Index count, double* buffer, P* out) noexcept;
};

// One step of Adam, in its own letters: see solvers/adam.hpp.
template <class T>
struct AdamStep {
  T beta1, rest1, beta2, rest2;  // rest = 1 - beta
  T keep, rate, root, epsilon;   // root: what sqrt(v) is multiplied by
};

template <class T>
struct VectorKernels {
  double (*dot)(Index n, const T* a, const T* b) noexcept;
  double (*dot_strided)(Index n, const T* a, Index a_stride, const T* b, Index b_stride) noexcept;
  double (*dot_wide)(Index n, const T* a, const double* b) noexcept;
  // y += scale x
  void (*axpy)(Index n, T scale, const T* x, Index stride, T* y) noexcept;
  void (*axpy_wide)(Index n, double scale, const T* x, double* y) noexcept;
  // max |x_i|; NaN wherever there is one.
  T (*max_abs)(Index n, const T* x) noexcept;

  // out = a x + b y
  void (*combine)(Index n, T a, const T* x, T b, const T* y, T* out) noexcept;
  // out = x + d, rounded to T first
  void (*add_narrow)(Index n, const T* x, const double* d, T* out) noexcept;
  // out = unit x, and the way back
  void (*widen)(Index n, double unit, const T* x, double* out) noexcept;
  void (*narrow)(Index n, double unit, const double* x, T* out) noexcept;
  void (*multiply)(Index n, const T* x, const T* y, T* out) noexcept;

  // sum_i unit |g_i| max(|x_i|, |start_i|); start null: 0
  double (*first_order_size)(Index n, const T* g, double unit, const T* x, const T* start) noexcept;
  // sum_i (s_i / step) (g1_i - g0_i)
  double (*secant)(Index n, const T* s, T step, const T* g0, const T* g1) noexcept;
  // v = momentum v + g, out = x - rate v
  void (*momentum)(Index n, T momentum, T rate, const T* x, const T* g, T* v, T* out) noexcept;
  // most null: v itself
  void (*adam)(Index n, const AdamStep<T>* step, const T* x, const T* g, T* m, T* v, T* most,
               T* out) noexcept;

  PairKernels<T, T> pairs;
  PairKernels<double, T> wide_pairs;
  // sums[k] += column k ' v, each column from its element `begin` on.
  void (*products)(Index n, const T* const* columns, Index begin, Index count, const double* v,
                   double* sums) noexcept;
  // The two halves of the recursion, for vectors that stay in the cache; a and inner are of a pair.
  void (*down)(Index n, const T* const* columns, Index pairs, const double* inner, double* q,
               double* a) noexcept;
  void (*up)(Index n, const T* const* columns, Index pairs, const double* inner, const double* a,
             double* q) noexcept;
};

}  // namespace hessopt::kernels
