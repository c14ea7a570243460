// L x = b and L'x = b, for one right-hand side at the speed at which L is read, and for many.
//
// One right-hand side, in blocks of columns:
//   [ L11      ]      L x = b:   x1 <- L11^-1 x1, then x2 <- x2 - L21 x1      from the top
//   [ L21  L22 ]      L'x = b:   x1 <- L11^-T (x1 - L21'x2)                   from the bottom
// Every column is read once, several side by side.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/packet.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace detail {

// Columns read side by side; columns of a block and rows of a task, and the least for a thread. A
// team is woken for every block, which less than 8 MB of it is not worth, and in shorter tasks no
// stream of a column gets up to speed.
inline constexpr Index side = 8, solve_block = 256, solve_rows = 1024, solve_share = 2;

// y -= A x for `Cols` columns
template <Real T, Index Cols>
HESSOPT_NOINLINE void subtract_columns(const T* a, Index ld, const T* x, T* y, Index rows) {
  Packet<T> factors[Cols];
  for (Index q = 0; q < Cols; ++q) factors[q] = broadcast(-x[q]);
  Index i = 0;
  for (; i + lanes<T> <= rows; i += lanes<T>) {
    Packet<T> sum = load(y + i);
    for (Index q = 0; q < Cols; ++q)
      sum = Eigen::internal::pmadd(load(a + q * ld + i), factors[q], sum);
    Eigen::internal::pstoreu(y + i, sum);
  }
  for (; i < rows; ++i)
    for (Index q = 0; q < Cols; ++q) y[i] -= a[q * ld + i] * x[q];
}

// x -= A'y for `Cols` columns
template <Real T, Index Cols>
HESSOPT_NOINLINE void subtract_dots(const T* a, Index ld, const T* y, T* x, Index rows) {
  Packet<T> sums[Cols];
  for (Packet<T>& s : sums) s = broadcast(T(0));
  Index i = 0;
  for (; i + lanes<T> <= rows; i += lanes<T>) {
    const Packet<T> right = load(y + i);
    for (Index q = 0; q < Cols; ++q)
      sums[q] = Eigen::internal::pmadd(load(a + q * ld + i), right, sums[q]);
  }
  for (Index q = 0; q < Cols; ++q) {
    T sum = Eigen::internal::predux(sums[q]);
    for (Index r = i; r < rows; ++r) sum += a[q * ld + r] * y[r];
    x[q] -= sum;
  }
}

// The columns of a triangle of at most `side`, and the rectangle of `below` rows beneath it.
template <Real T>
void forward(const T* l, Index ld, T* x, Index cols, Index below) {
  for (Index j = 0; j < cols; ++j) {
    x[j] /= l[j * (ld + 1)];
    for (Index i = j + 1; i < cols; ++i) x[i] -= l[j * ld + i] * x[j];
  }
  if (cols == side) return subtract_columns<T, side>(l + side, ld, x, x + side, below);
  for (Index j = 0; j < cols; ++j)
    subtract_columns<T, 1>(l + j * ld + cols, ld, x + j, x + cols, below);
}
template <Real T>
void backward(const T* l, Index ld, T* x, Index cols, Index below) {
  if (cols == side)
    subtract_dots<T, side>(l + side, ld, x + side, x, below);
  else
    for (Index j = 0; j < cols; ++j)
      subtract_dots<T, 1>(l + j * ld + cols, ld, x + cols, x + j, below);
  for (Index j = cols - 1; j >= 0; --j) {
    for (Index i = j + 1; i < cols; ++i) x[j] -= l[j * ld + i] * x[i];
    x[j] /= l[j * (ld + 1)];
  }
}

template <Real T>
void solve_lower(const MatrixOf<T>& l, T* x) {
  const Index n = l.rows(), ld = n;
  const Cut blocks{n, solve_block};
  for (Index b = 0; b < blocks.count(); ++b) {
    const Index begin = blocks.begin(b), end = begin + blocks.size(b);
    for (Index j = begin; j < end; j += side) {
      const Index cols = std::min(side, end - j);
      forward(l.data() + j * (ld + 1), ld, x + j, cols, end - j - cols);
    }
    const Cut tasks{n - end, solve_rows};
    parallel_for(
        tasks.count(),
        [&](Index t) {
          const Index top = end + tasks.begin(t);
          for (Index j = begin; j < end; j += side)
            subtract_columns<T, side>(l.data() + j * ld + top, ld, x + j, x + top, tasks.size(t));
        },
        solve_share);
  }
}

template <Real T>
void solve_lower_transposed(const MatrixOf<T>& l, T* x) {
  const Index n = l.rows(), ld = n;
  const Cut blocks{n, solve_block};
  for (Index b = blocks.count() - 1; b >= 0; --b) {
    const Index begin = blocks.begin(b), end = begin + blocks.size(b);
    if (end < n)
      parallel_for(
          solve_block / side,
          [&](Index t) {
            const Index j = begin + t * side;
            subtract_dots<T, side>(l.data() + j * ld + end, ld, x + end, x + j, n - end);
          },
          std::max<Index>(1, solve_share * solve_rows * solve_block / side / (n - end)));
    for (Index j = begin + (end - begin - 1) / side * side; j >= begin; j -= side) {
      const Index cols = std::min(side, end - j);
      backward(l.data() + j * (ld + 1), ld, x + j, cols, end - j - cols);
    }
  }
}

// Right-hand sides of a task, where there are many, and rows that are solved for between two looks
// for an interrupt.
inline constexpr Index solve_columns = 32, solve_step = 512;

template <class L, class X>
void solve_many_lower(const L& l, X&& x) {
  const Cut steps{l.rows(), solve_step};
  for (Index s = 0; s < steps.count(); ++s) {
    poll_interrupt();
    const Index begin = steps.begin(s), size = steps.size(s);
    auto here = x.middleRows(begin, size);
    if (s > 0) here.noalias() -= l.block(begin, 0, size, begin) * x.topRows(begin);
    l.block(begin, begin, size, size).template triangularView<Eigen::Lower>().solveInPlace(here);
  }
}

template <class L, class X>
void solve_many_lower_transposed(const L& l, X&& x) {
  const Cut steps{l.rows(), solve_step};
  for (Index s = steps.count() - 1; s >= 0; --s) {
    poll_interrupt();
    const Index begin = steps.begin(s), size = steps.size(s), below = l.rows() - begin - size;
    auto here = x.middleRows(begin, size);
    if (below > 0)
      here.noalias() -= l.block(begin + size, begin, below, size).transpose() * x.bottomRows(below);
    l.block(begin, begin, size, size)
        .template triangularView<Eigen::Lower>()
        .transpose()
        .solveInPlace(here);
  }
}

}  // namespace detail

// x <- L^-1 x; the lower triangle of `l` is read.
template <Real T>
void solve_lower(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  if (x.cols() == 1) return detail::solve_lower(l, x.data());
  const Cut tasks{x.cols(), detail::solve_columns};
  parallel_for(tasks.count(), [&](Index t) {
    detail::solve_many_lower(l, x.middleCols(tasks.begin(t), tasks.size(t)));
  });
}

// x <- L^-T x
template <Real T>
void solve_lower_transposed(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  if (x.cols() == 1) return detail::solve_lower_transposed(l, x.data());
  const Cut tasks{x.cols(), detail::solve_columns};
  parallel_for(tasks.count(), [&](Index t) {
    detail::solve_many_lower_transposed(l, x.middleCols(tasks.begin(t), tasks.size(t)));
  });
}

}  // namespace hessopt
