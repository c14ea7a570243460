// Symmetric matrices of which a triangle is at hand, and their rows.
#pragma once

#include <algorithm>
#include <cmath>

#include "hessopt/kernels/cholesky.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

// Whole squares of rows top .. bottom and columns left .. right, transposed in registers.
template <Real T>
void copy_transposed(const StridedMatrix<T>& from, Index top, Index bottom, Index left, Index right,
                     T* to, Index ld) {
  constexpr Index side = lanes<T>;
  for (Index i = top; i < bottom; i += side)
    for (Index j = left; j < right; j += side) {
      PacketSquare<T> square;
      for (Index l = 0; l < side; ++l) square.packet[l] = load(&from(i + l, j));
      Eigen::internal::ptranspose(square);
      for (Index l = 0; l < side; ++l)
        Eigen::internal::pstoreu(to + i + (j + l) * ld, square.packet[l]);
    }
}

template <Real T>
void copy_lower(const StridedMatrix<T>& from, Index left, Index cols, T* to, Index ld) noexcept {
  const Index n = from.rows, right = left + cols;
  const auto copy = [&](Index j, Index begin, Index end) {
    for (Index i = begin; i < end; ++i) to[i + j * ld] = from(i, j);
  };
  const bool transposed = from.col_stride == 1 && cols % lanes<T> == 0;
  const Index whole = transposed ? right + (n - right) / lanes<T> * lanes<T> : right;
  if (transposed) copy_transposed(from, right, whole, left, right, to, ld);
  for (Index j = left; j < right; ++j) {
    copy(j, j, right);
    copy(j, whole, n);
  }
}

// The rows of column j in a triangle, its diagonal apart.
struct Range {
  Index begin, size;
};
Range rows_of_column(bool upper, Index n, Index j) {
  return upper ? Range{0, j} : Range{j + 1, n - j - 1};
}

template <Real T>
void off_diagonal_sums(bool upper, const T* a, Index ld, Index n, T* out) noexcept {
  std::fill_n(out, n, T(0));
  for (Index j = 0; j < n; ++j) {
    const auto [begin, size] = rows_of_column(upper, n, j);
    const T* column = a + j * ld + begin;
    T* sums = out + begin;
    Packet<T> all = broadcast(T(0));
    Index i = 0;
    for (; i + lanes<T> <= size; i += lanes<T>) {
      const Packet<T> one = Eigen::internal::pabs(load(column + i));
      Eigen::internal::pstoreu(sums + i, Eigen::internal::padd(load(sums + i), one));
      all = Eigen::internal::padd(all, one);
    }
    T sum = Eigen::internal::predux(all);
    for (; i < size; ++i) {
      const T one = std::abs(column[i]);
      sums[i] += one;
      sum += one;
    }
    out[j] += sum;
  }
}

// y += A across and dots = A'x, for `Cols` columns each number of which is read once.
template <Real T, Index Cols>
HESSOPT_NOINLINE void multiply_both_ways(const T* a, Index ld, Index rows, const T* across,
                                         const T* x, T* y, T* dots) {
  Packet<T> factors[Cols], sums[Cols];
  for (Index q = 0; q < Cols; ++q) {
    factors[q] = broadcast(across[q]);
    sums[q] = broadcast(T(0));
  }
  Index i = 0;
  for (; i + lanes<T> <= rows; i += lanes<T>) {
    const Packet<T> right = load(x + i);
    Packet<T> out = load(y + i);
    for (Index q = 0; q < Cols; ++q) {
      const Packet<T> entry = load(a + q * ld + i);
      out = Eigen::internal::pmadd(entry, factors[q], out);
      sums[q] = Eigen::internal::pmadd(entry, right, sums[q]);
    }
    Eigen::internal::pstoreu(y + i, out);
  }
  for (Index q = 0; q < Cols; ++q) {
    T sum = Eigen::internal::predux(sums[q]);
    for (Index r = i; r < rows; ++r) {
      y[r] += a[q * ld + r] * across[q];
      sum += a[q * ld + r] * x[r];
    }
    dots[q] = sum;
  }
}

template <Real T>
void multiply(bool upper, const T* a, Index ld, Index n, const T* diagonal, Index step, const T* x,
              T* out) noexcept {
  constexpr Index width = 4;
  for (Index j = 0; j < n; ++j) out[j] = diagonal[j * step] * x[j];
  const auto add = [&]<Index Cols>(std::integral_constant<Index, Cols>, Index j) {
    // The square on the diagonal, then the rows that all of the columns have.
    for (Index q = 0; q < Cols; ++q)
      for (Index r = 0; r < q; ++r) {
        const T entry = upper ? a[j + r + (j + q) * ld] : a[j + q + (j + r) * ld];
        out[j + r] += entry * x[j + q];
        out[j + q] += entry * x[j + r];
      }
    const Index begin = upper ? 0 : j + Cols, rows = upper ? j : n - j - Cols;
    T dots[Cols];
    multiply_both_ways<T, Cols>(a + j * ld + begin, ld, rows, x + j, x + begin, out + begin, dots);
    for (Index q = 0; q < Cols; ++q) out[j + q] += dots[q];
  };
  Index j = 0;
  for (; j + width <= n; j += width) add(std::integral_constant<Index, width>(), j);
  for (; j < n; ++j) add(std::integral_constant<Index, 1>(), j);
}

template <Real T>
void add_outer(T factor, const T* x, const T* y, Index n, T* a, Index ld) noexcept {
  for (Index j = 0; j < n; ++j) {
    const T of_x = factor * y[j], of_y = factor * x[j];
    const Packet<T> by_x = broadcast(of_x), by_y = broadcast(of_y);
    T* column = a + j * ld;
    Index i = j;
    for (; i + lanes<T> <= n; i += lanes<T>) {
      const Packet<T> sum = Eigen::internal::pmadd(load(x + i), by_x, load(column + i));
      Eigen::internal::pstoreu(column + i, Eigen::internal::pmadd(load(y + i), by_y, sum));
    }
    for (; i < n; ++i) column[i] += of_x * x[i] + of_y * y[i];
  }
}

template <Real T>
T row_dot(const T* row, Index stride, const T* x, Index size) {
  constexpr Index side = 4;  // sums at once
  T sum = 0;
  Index i = 0;
  if (stride == 1) {
    Packet<T> sums[side];
    for (Packet<T>& s : sums) s = broadcast(T(0));
    for (; i + side * lanes<T> <= size; i += side * lanes<T>)
      for (Index l = 0; l < side; ++l)
        sums[l] = Eigen::internal::pmadd(load(row + i + l * lanes<T>), load(x + i + l * lanes<T>),
                                         sums[l]);
    sum = Eigen::internal::predux(Eigen::internal::padd(Eigen::internal::padd(sums[0], sums[1]),
                                                        Eigen::internal::padd(sums[2], sums[3])));
  } else {
    T sums[side] = {};
    for (; i + side <= size; i += side)
      for (Index l = 0; l < side; ++l) sums[l] += row[(i + l) * stride] * x[i + l];
    sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  for (; i < size; ++i) sum += row[i * stride] * x[i];
  return sum;
}

template <Real T>
void residual(const StridedMatrix<T>& a, const T* x, const T* b, T* out) noexcept {
  for (Index i = 0; i < a.rows; ++i)
    out[i] = b[i] - row_dot(a.data + i * a.row_stride, a.col_stride, x, a.cols);
}

}  // namespace
}  // namespace hessopt::kernels
