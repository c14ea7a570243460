// The factor of L L' + V V' or L L' - V V' from L, in O(k n^2) for V with k columns.
//
// Column j of L and a column v are turned until v_j = 0. Adding takes Givens rotations,
//   [l v] <- [l v] [ c -s ]      c = l_jj / r,  s = v_j / r,  r^2 = l_jj^2 + v_j^2
//                  [ s  c ]
// taking away hyperbolic ones in their mixed form, which is stable as the plain one is not,
//   l <- (l - s v) / c,  v <- c v - s l      s = v_j / l_jj,  c^2 = 1 - s^2
// A. W. Bojanczyk, R. P. Brent, P. Van Dooren, F. R. de Hoog, "A note on downdating the Cholesky
// factorization", SIAM J. Sci. Stat. Comput. 8 (1987). A block of columns is turned through all of
// V for its own rows first, and the turns then applied to the rows below in one sweep.
#pragma once

#include <cmath>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/cholesky_kernel.hpp"

namespace hessopt {

enum class Modification { add, subtract };

namespace detail {

// Columns of L in a block, rows in a task, tasks for a thread.
inline constexpr Index update_block = 32, update_rows = 128, update_share = 4;

template <Real T>
struct Turn {
  T c, s, reciprocal;  // of c
};

template <Modification Sign, Real T>
Turn<T> turn(T l, T v) {
  if constexpr (Sign == Modification::add) {
    const T r = std::hypot(l, v);
    return {l / r, v / r, 0};
  } else {
    const T s = v / l, c = std::sqrt((1 - s) * (1 + s));
    return {c, s, 1 / c};
  }
}

template <Modification Sign, Real T>
void apply(const Turn<T>& turn, T* l, T* v, Index rows) {
  for (Index i = 0; i < rows; ++i) {
    const T left = l[i], right = v[i];
    if constexpr (Sign == Modification::add) {
      l[i] = turn.c * left + turn.s * right;
      v[i] = turn.c * right - turn.s * left;
    } else {
      l[i] = (left - turn.s * right) * turn.reciprocal;
      v[i] = turn.c * right - turn.s * l[i];
    }
  }
}

template <Modification Sign, Real T>
Pivot modify(MatrixOf<T>& l, MatrixOf<T>& v) {
  const Index n = l.rows(), k = v.cols();
  std::vector<Turn<T>> turns(static_cast<std::size_t>(update_block * k));
  const Cut blocks{n, update_block};
  for (Index b = 0; b < blocks.count(); ++b) {
    const Index begin = blocks.begin(b), end = begin + blocks.size(b);
    Turn<T>* next = turns.data();
    for (Index j = begin; j < end; ++j)
      for (Index q = 0; q < k; ++q, ++next) {
        *next = turn<Sign>(l(j, j), v(j, q));
        if (!(next->c > 0)) return {j, static_cast<double>(l(j, j) * l(j, j) - v(j, q) * v(j, q))};
        apply<Sign>(*next, &l(j, j), &v(j, q), end - j);
      }
    const Cut strips{n - end, update_rows};
    parallel_for(
        strips.count(),
        [&](Index t) {
          const Index top = end + strips.begin(t);
          const Turn<T>* turn = turns.data();
          for (Index j = begin; j < end; ++j)
            for (Index q = 0; q < k; ++q, ++turn)
              apply<Sign>(*turn, &l(top, j), &v(top, q), strips.size(t));
        },
        update_share);
  }
  return {};
}

}  // namespace detail

// Overwrites the lower triangle of `l`; `v` is destroyed. Only a subtraction can fail, by the pivot
// returned, and leaves `l` of no use then.
template <Real T>
Pivot cholesky_modify(MatrixOf<T>& l, MatrixOf<T>& v, Modification sign) {
  return sign == Modification::add ? detail::modify<Modification::add>(l, v)
                                   : detail::modify<Modification::subtract>(l, v);
}

}  // namespace hessopt
