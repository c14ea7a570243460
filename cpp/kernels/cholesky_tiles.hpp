// The tiles of a Cholesky factorisation, in registers.
//
// Rows of L are packed into panels a few packets high, column beside column:
//
//   panel = [ l_0 l_1 ... l_k-1 ]      l_k: the `rows` numbers of column k, one after the other
//
// and every step is a tile C of the matrix less a product of panels, C - A B', with the rows of A
// in packets and those of B as broadcast numbers. The same panels serve on either side. A tile of
// the rows below a diagonal block is then solved for X in X L' = C - A B', a tile on the diagonal
// is factored, before it leaves the registers or the first cache. K. Goto, R. van de Geijn,
// "High-performance implementation of the level-3 BLAS", ACM TOMS 35 (2008).
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/kernels/cholesky.hpp"
#include "packet.hpp"
#include "prefetch.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
struct TileShape {
  static constexpr Index packets = 3;
  static constexpr Index rows = packets * lanes<T>;
  // As many columns as the registers hold sums for, beside the operands; they divide the rows.
  static constexpr Index cols = [] {
    Index most = (EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS - packets - 1) / packets;
    while (rows % most != 0) --most;
    return most;
  }();
};

template <Real T>
using TileSums = Packet<T>[TileShape<T>::cols][TileShape<T>::packets];

// step(q, p) for every packet of a tile, written out: sums that a loop runs over live in memory.
template <Real T, class Step>
EIGEN_ALWAYS_INLINE void for_packets(Step&& step) {
#pragma GCC unroll 32
  for (Index q = 0; q < TileShape<T>::cols; ++q)
#pragma GCC unroll 32
    for (Index p = 0; p < TileShape<T>::packets; ++p) step(q, p);
}

// sums = A B' over `depth` columns of two panels, `b` pointing at the first of the rows used.
template <Real T>
EIGEN_ALWAYS_INLINE void tile_product(const T* a, const T* b, Index depth, TileSums<T>& sums) {
  using Shape = TileShape<T>;
  for_packets<T>([&](Index q, Index p) { sums[q][p] = broadcast(T(0)); });
  for (Index k = 0; k < depth; ++k, a += Shape::rows, b += Shape::rows) {
    Packet<T> left[Shape::packets];
    for (Index p = 0; p < Shape::packets; ++p) {
      left[p] = load(a + p * lanes<T>);
      keep_in_register(left[p]);
    }
    for_packets<T>([&](Index q, Index p) {
      sums[q][p] = Eigen::internal::pmadd(left[p], broadcast(b[q]), sums[q][p]);
    });
  }
}

// The tile arrives from afar while its product is formed.
template <Real T>
EIGEN_ALWAYS_INLINE void prefetch_tile(const T* c, Index ld) {
  for (Index q = 0; q < TileShape<T>::cols; ++q) {
    prefetch_to_l1(c + q * ld);
    prefetch_to_l1(c + q * ld + TileShape<T>::rows - 1);
  }
}

// C -= A B'
template <Real T>
HESSOPT_NOINLINE void subtract_product(const T* a, const T* b, Index depth, T* c, Index ld) {
  prefetch_tile(c, ld);
  TileSums<T> sums;
  tile_product(a, b, depth, sums);
  for_packets<T>([&](Index q, Index p) {
    T* at = c + q * ld + p * lanes<T>;
    Eigen::internal::pstoreu(at, Eigen::internal::psub(load(at), sums[q][p]));
  });
}

// X L' = C - A B' for the next columns X of the panel `a`, whose first `depth` columns are known.
// L is the lower triangle that follows in `b`, the reciprocals of its diagonal in their place. X
// goes to both the panel and C.
template <Real T>
HESSOPT_NOINLINE void solve_tile(T* a, const T* b, Index depth, T* c, Index ld) {
  using Shape = TileShape<T>;
  prefetch_tile(c, ld);
  TileSums<T> x;
  tile_product<T>(a, b, depth, x);
  a += depth * Shape::rows;
  b += depth * Shape::rows;
  for_packets<T>([&](Index q, Index p) {
    x[q][p] = Eigen::internal::psub(load(c + q * ld + p * lanes<T>), x[q][p]);
  });
  for_packets<T>([&](Index q, Index p) {
#pragma GCC unroll 32
    for (Index k = 0; k < q; ++k)
      x[q][p] = Eigen::internal::pmadd(x[k][p], broadcast(-b[k * Shape::rows + q]), x[q][p]);
    x[q][p] = Eigen::internal::pmul(x[q][p], broadcast(b[q * (Shape::rows + 1)]));
  });
  for_packets<T>([&](Index q, Index p) {
    Eigen::internal::pstoreu(a + q * Shape::rows + p * lanes<T>, x[q][p]);
    Eigen::internal::pstoreu(c + q * ld + p * lanes<T>, x[q][p]);
  });
}

// Some columns of a tile: what a panel has in `tile` is kept in a block of that shape.
template <Real T>
using Tile = T[TileShape<T>::cols * TileShape<T>::rows];

// Factors `count` columns of a tile whose first pivot stands in row `top`: column by column, the
// rest of the tile following at once. Entries above the diagonal end as they may.
template <Real T>
Pivot factor_tile(Tile<T>& tile, Index top, Index count, const double* floors) {
  constexpr Index rows = TileShape<T>::rows;
  for (Index q = 0; q < count; ++q) {
    T* column = tile + q * rows;
    const T pivot = column[top + q];
    if (!(pivot > (floors ? floors[q] : 0)) || !std::isfinite(pivot))
      return {q, static_cast<double>(pivot)};
    const T root = std::sqrt(pivot), reciprocal = 1 / root;
    for (Index i = 0; i < rows; ++i) column[i] *= reciprocal;
    column[top + q] = root;
    for (Index r = q + 1; r < count; ++r) {
      const T factor = column[top + r];
      T* next = tile + r * rows;
      for (Index i = 0; i < rows; ++i) next[i] -= factor * column[i];
    }
  }
  return {};
}

// A tile short of rows or columns, or on the diagonal, is worked on in a copy: entries (i, q) with
// first(q) <= i < height, q < width; the others are 0 there and never touched in C.
template <Real T, class First>
void copy_in(const T* c, Index ld, Index height, Index width, First&& first, Tile<T>& tile) {
  std::fill(std::begin(tile), std::end(tile), T(0));
  for (Index q = 0; q < width; ++q)
    for (Index i = first(q); i < height; ++i) tile[q * TileShape<T>::rows + i] = c[q * ld + i];
}
template <Real T, class First>
void copy_out(const Tile<T>& tile, T* c, Index ld, Index height, Index width, First&& first) {
  for (Index q = 0; q < width; ++q)
    for (Index i = first(q); i < height; ++i) c[q * ld + i] = tile[q * TileShape<T>::rows + i];
}

}  // namespace
}  // namespace hessopt::kernels
