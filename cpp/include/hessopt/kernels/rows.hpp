// A block of dense rows: products, moments, copies.
#pragma once

#include "hessopt/kernels/strided.hpp"

namespace hessopt::kernels {

// Rows whose numbers stand side by side, `stride` numbers from one row to the next.
template <class T>
struct DenseBlock {
  const T* data;
  Index rows, cols, stride;
};

// Of a block of n rows X, p columns wide. Sums are in double.
template <class T>
struct RowKernels {
  // out without gaps = x
  void (*pack)(const StridedMatrix<T>& x, T* out) noexcept;
  // True where none of the numbers is infinite or NaN.
  bool (*all_finite)(const StridedMatrix<T>& x) noexcept;
  // out, n x p without gaps = (X - origin) / scale by columns; null: 0 and 1
  void (*widen)(DenseBlock<T> x, const double* origin, const double* scale, double* out) noexcept;

  // out = X w + add + offset; null: none, else `offset_stride` numbers from one row's to the next
  void (*multiply)(DenseBlock<T> x, const double* w, double add, const double* offset,
                   Index offset_stride, double* out) noexcept;
  // g += X'r, and *sum += the sum of r where there is a sum
  void (*add_transposed)(DenseBlock<T> x, const double* r, double* g, double* sum) noexcept;
  // first = X w + add, second = (X o X) z
  void (*multiply_with_squares)(DenseBlock<T> x, const double* w, const double* z, double add,
                                double* first, double* second) noexcept;
  // g += X'r, h += (X o X)'t, and *sum += the sum of r where there is a sum
  void (*add_transposed_with_squares)(DenseBlock<T> x, const double* r, const double* t, double* g,
                                      double* h, double* sum) noexcept;

  // sums_j += sum of weight_i (x_ij - centre_j), or of its square, over rows that weigh something
  void (*add_deviations)(DenseBlock<T> x, const double* centre, const double* weight,
                         double* sums) noexcept;
  void (*add_squares)(DenseBlock<T> x, const double* centre, const double* weight,
                      double* sums) noexcept;
  // least_j, most_j of the columns over the rows of each group; negative: of no group. p numbers
  // from one group to the next.
  void (*add_ranges)(DenseBlock<T> x, const Index* group, double* least, double* most) noexcept;
};

}  // namespace hessopt::kernels
