// Rows of which the stored numbers alone are kept: products and Gram matrices.
#pragma once

#include <cstdint>

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// Compressed rows: those of row i are numbered from starts[i * stride] up to starts[i * stride +
// 1].
template <class T, class I>
struct SparseBlock {
  const T* values;   // null: all are 1
  const I* indices;  // of the columns, rising along a row
  const Index* starts;
  Index rows, cols, stride;
};

// Sums are in double.
template <class T, class I>
struct SparseKernelsOf {
  // out = X w + add + offset; null: none, else `offset_stride` numbers from one row's to the next.
  // `offset` may be `out`.
  void (*multiply)(const SparseBlock<T, I>& x, const double* w, double add, const double* offset,
                   Index offset_stride, double* out) noexcept;
  // first = X w + add, second = (X o X) z
  void (*multiply_with_squares)(const SparseBlock<T, I>& x, const double* w, const double* z,
                                double add, double* first, double* second) noexcept;
  // g += X'r
  void (*add_transposed)(const SparseBlock<T, I>& x, const double* r, double* g) noexcept;
  // g += X'r, h += (X o X)'t
  void (*add_transposed_with_squares)(const SparseBlock<T, I>& x, const double* r, const double* t,
                                      double* g, double* h) noexcept;
  // lower(H) += X' diag(w) X, its columns begin .. end alone; `ld` from one column to the next
  void (*add_gram)(const SparseBlock<T, I>& x, const double* w, Index begin, Index end, double* h,
                   Index ld) noexcept;
  // The sums of w_i x_ij over the rows of each level, to out[level * by_level + j * by_column];
  // rows of code `levels` have none.
  void (*add_levels)(const SparseBlock<T, I>& x, const double* w, const std::uint32_t* codes,
                     Index levels, double* out, Index by_level, Index by_column) noexcept;
  // out, rows x cols without gaps = (X - origin) / scale by columns; null: 0 and 1
  void (*widen)(const SparseBlock<T, I>& x, const double* origin, const double* scale,
                double* out) noexcept;
};

// x'Ax + 2 b'x + c of a row x; A is symmetric, `ld` numbers from one column to the next.
struct QuadraticForm {
  const double* a;
  Index ld;
  const double* b;
  double c;
};

struct SparseKernels : SparseKernelsOf<float, std::int32_t>,
                       SparseKernelsOf<float, std::int64_t>,
                       SparseKernelsOf<double, std::int32_t>,
                       SparseKernelsOf<double, std::int64_t> {
  // out_i = the form of row i, by the pairs of its numbers
  void (*add_up_forms)(const SparseBlock<double, std::int64_t>& x, const QuadraticForm& form,
                       double* out) noexcept;
};

}  // namespace hessopt::kernels
