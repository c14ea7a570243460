// Weighted Gram matrices X'WX, W = diag(w) with weights of any sign.
#pragma once

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/gram.hpp"
#include "hessopt/linalg/gram_amx.hpp"

namespace hessopt {

// Rows of a block whose Gram matrix is wanted: a slice of the kernel or more.
inline Index rows_per_gram_block(Index cols) {
  return std::max(rows_per_block(cols), kernels::gram_slice);
}

// lower(H) += X' diag(w) X for one block of rows, in the arithmetic of Compute; where that is
// float32 and the CPU has tile units, wide rows count with 16 bits of mantissa only.
template <Real Compute, Real From>
void add_weighted_gram(const RowBlock<From>& x, const double* w, MatrixRef lower);

// Writes the upper triangle from the lower one.
void mirror_lower(MatrixRef h);
void mirror_lower(MatrixRefOf<float> h);

// A sum over slices of rows, add(sum, begin, count), for slices of `depth` rows; `cols` says how
// much work a row is.
Matrix sum_over_slices(Index total, Index cols, Index depth, const Matrix& zero,
                       FunctionRef<void(MatrixRef, Index, Index)> add);

// lower(H) += X'WX. float32 products run in float32, slice by slice; their sum
// over slices is kept in float64, so that the number of rows costs no digits. X may lie in any
// order; no more than a slice of it is ever copied.
template <Real T>
void add_weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, MatrixRef lower);

// The symmetric cols x cols matrix X'WX.
template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w);

// X'WZ, x.cols x z.cols, by the same rules.
template <Real T>
Matrix weighted_gram(const MatrixView<T>& x, const VectorView<T>& w, const MatrixView<T>& z);

namespace detail {

// lower(H) += X'diag(w)X in the arithmetic of Compute, whatever the CPU has.
template <Real Compute, Real From>
void add_plain_gram(const MatrixView<From>& x, const double* w, MatrixRef lower);

// C += A'diag(w)B
template <Real T>
void add_weighted_product(const MatrixView<T>& a, const double* w, const MatrixView<T>& b,
                          MatrixRef c);

}  // namespace detail
}  // namespace hessopt
