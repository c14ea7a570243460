// X w_k and X'r_k of several vectors, for rows and vectors of either width. A tile of a few rows by
// a few vectors reads each number once for all of the others; the second product finds the rows in
// cache, where the first brought them.
#pragma once

#include <algorithm>
#include <utility>

#include "hessopt/kernels/outputs.hpp"
#include "network_products.hpp"
#include "row_products.hpp"

namespace hessopt::kernels {
namespace {

inline constexpr Index rows_of_tiles = 16;  // that share what a first cache holds of the vectors
inline constexpr int high = many_registers ? 4 : 2;  // rows of a tile of the first product
// Registers of columns and vectors of a tile of the second. Rows may be a power of two apart, of
// which a first cache holds few: they are better read once for as many vectors as can be.
inline constexpr int wide = 2, most_vectors = many_registers ? 10 : 5;
template <class S>
inline constexpr Index columns_at_a_time = 2048 / sizeof(S);

template <Real S, Real T>
EIGEN_ALWAYS_INLINE Packet<S> load_as(const T* from) {
  if constexpr (std::same_as<S, T>)
    return load(from);
  else
    return load_wide(from);
}

// tile<C>(k) of groups of C vectors, `most` at most.
template <int most, class Tile>
EIGEN_ALWAYS_INLINE void for_vectors(Index count, Tile&& tile) {
  for_even_groups(count, most, [&](Index k, Index size) {
    const auto one_of = [&]<int... C>(std::integer_sequence<int, C...>) {
      (void)((size == C + 1 && (tile.template operator()<C + 1>(k), true)) || ...);
    };
    one_of(std::make_integer_sequence<int, most>());
  });
}

// out of R rows and C vectors += their products over p columns, a multiple of the lanes.
template <int R, int C, Real S, Real T>
HESSOPT_NOINLINE void dots_tile(const T* x, Index x_stride, const S* w, Index stride, Index p,
                                double* out, Index out_stride) {
  using Eigen::internal::pmadd;
  constexpr int size = (R * C + 3) / 4 * 4;
  Packet<S> sum[size];
#pragma GCC unroll 32
  for (int k = 0; k < size; ++k) sum[k] = broadcast(S{0});
  for (Index j = 0; j < p; j += lanes<S>) {
    Packet<S> rows[R];
#pragma GCC unroll 32
    for (int r = 0; r < R; ++r) {
      rows[r] = load_as<S>(x + r * x_stride + j);
      keep_in_register(rows[r]);
    }
#pragma GCC unroll 32
    for (int c = 0; c < C; ++c) {
      const Packet<S> factor = load(w + c * stride + j);
#pragma GCC unroll 32
      for (int r = 0; r < R; ++r) sum[c * R + r] = pmadd(rows[r], factor, sum[c * R + r]);
    }
  }
  S sums[size];
#pragma GCC unroll 32
  for (int k = 0; k < size; k += 4) sums_of_four<S>(sum + k, sums + k);
#pragma GCC unroll 32
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 32
    for (int r = 0; r < R; ++r) out[c * out_stride + r] += static_cast<double>(sums[c * R + r]);
}

template <Real S, Real T>
void add_dots(const T* x, Index x_stride, Index rows, const S* w, Index stride, Index count,
              Index p, double* out, Index out_stride) {
  Index i = 0;
  const auto group = [&]<int R>() {
    for (; i + R <= rows; i += R)
      for_vectors<5>(count, [&]<int C>(Index k) {
        dots_tile<R, C>(x + i * x_stride, x_stride, w + k * stride, stride, p,
                        out + k * out_stride + i, out_stride);
      });
  };
  group.template operator()<high>();
  if constexpr (high > 2) group.template operator()<2>();
  group.template operator()<1>();
}

// The last columns of a few rows, those that fill no register, and zeros.
template <Real S, Real T>
struct LastColumns {
  static constexpr Index step = lanes<S>;
  T x[rows_of_tiles * step];

  LastColumns(const T* from, Index stride, Index rows, Index count) {
    std::fill(x, x + rows_of_tiles * step, T{0});
    for (Index i = 0; i < rows; ++i) std::copy_n(from + i * stride, count, x + i * step);
  }
};

template <Real T, Real S>
void multiply_all(DenseBlock<T> x, const S* w, Index stride, Index count, const double* add,
                  double* out, Index out_stride) noexcept {
  const Index whole = x.cols / lanes<S> * lanes<S>, rest = x.cols - whole;
  for (Index k = 0; k < count; ++k)
    std::fill(out + k * out_stride, out + k * out_stride + x.rows, add[k]);
  for (Index i = 0; i < x.rows; i += rows_of_tiles) {
    const Index rows = std::min(rows_of_tiles, x.rows - i);
    const T* first = x.data + i * x.stride;
    for (Index j = 0; j < whole; j += columns_at_a_time<S>)
      add_dots(first + j, x.stride, rows, w + j, stride, count,
               std::min(columns_at_a_time<S>, whole - j), out + i, out_stride);
    if (rest == 0) continue;
    const LastColumns<S, T> last(first + whole, x.stride, rows, rest);
    add_dots(last.x, last.step, rows, w + whole, stride, count, last.step, out + i, out_stride);
  }
}

// R registers of C sums += `rows` rows, each times its number, the vectors' numbers side by side.
template <int R, int C, Real S, Real T>
HESSOPT_NOINLINE void rows_tile(const T* x, Index x_stride, Index rows, const S* r, S* g,
                                Index stride) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<S>;
  Packet<S> sum[R][C];
#pragma GCC unroll 32
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 32
    for (int l = 0; l < R; ++l) sum[l][c] = load(g + c * stride + l * step);
  for (Index i = 0; i < rows; ++i) {
    Packet<S> columns[R];
#pragma GCC unroll 32
    for (int l = 0; l < R; ++l) {
      prefetch_to_l1(x + i * x_stride + (R + l) * step);  // of the next tile
      columns[l] = load_as<S>(x + i * x_stride + l * step);
      keep_in_register(columns[l]);
    }
#pragma GCC unroll 32
    for (int c = 0; c < C; ++c) {
      const Packet<S> factor = broadcast(r[c * rows_of_tiles + i]);
#pragma GCC unroll 32
      for (int l = 0; l < R; ++l) sum[l][c] = pmadd(columns[l], factor, sum[l][c]);
    }
  }
#pragma GCC unroll 32
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 32
    for (int l = 0; l < R; ++l) Eigen::internal::pstoreu(g + c * stride + l * step, sum[l][c]);
}

template <int R, Real S, Real T>
EIGEN_ALWAYS_INLINE void add_rows_of(const T* x, Index x_stride, Index rows, const S* r,
                                     Index count, S* g, Index stride) {
  for_vectors<most_vectors>(count, [&]<int C>(Index k) {
    rows_tile<R, C>(x, x_stride, rows, r + k * rows_of_tiles, g + k * stride, stride);
  });
}

template <Real T, Real S>
void add_all_transposed(DenseBlock<T> x, const double* r, Index r_stride, Index count, S* g,
                        Index stride, double* sums) noexcept {
  constexpr Index step = lanes<S>, most = 4 * most_vectors;
  const Index whole = x.cols / step * step, rest = x.cols - whole;
  for (Index k = 0; k < count; ++k) sums[k] += sum_of(r + k * r_stride, x.rows);
  for (Index i = 0; i < x.rows; i += rows_of_tiles) {
    const Index rows = std::min(rows_of_tiles, x.rows - i);
    const T* first = x.data + i * x.stride;
    for (Index k = 0; k < count; k += most) {
      const Index vectors = std::min(most, count - k);
      S factors[most * rows_of_tiles];
      for (Index l = 0; l < vectors; ++l)
        for (Index m = 0; m < rows; ++m)
          factors[l * rows_of_tiles + m] = static_cast<S>(r[(k + l) * r_stride + i + m]);
      S* to = g + k * stride;
      Index j = 0;
      for (; j + wide * step <= whole; j += wide * step) {
        add_rows_of<wide>(first + j, x.stride, rows, factors, vectors, to + j, stride);
      }
      for (; j < whole; j += step)
        add_rows_of<1>(first + j, x.stride, rows, factors, vectors, to + j, stride);
      if (rest == 0) continue;
      const LastColumns<S, T> last(first + whole, x.stride, rows, rest);
      add_rows_of<1>(last.x, last.step, rows, factors, vectors, to + whole, stride);
    }
  }
}

}  // namespace
}  // namespace hessopt::kernels
