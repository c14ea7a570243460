// A matrix as a kernel is given it: C or Fortran order, any strides, in elements.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

template <class T>
struct StridedMatrix {
  const T* data;
  Index rows;
  Index cols;
  Index row_stride;
  Index col_stride;

  const T& operator()(Index i, Index j) const { return data[i * row_stride + j * col_stride]; }
  StridedMatrix middle_rows(Index begin, Index count) const {
    return {data + begin * row_stride, count, cols, row_stride, col_stride};
  }
  StridedMatrix middle_cols(Index begin, Index count) const {
    return {data + begin * col_stride, rows, count, row_stride, col_stride};
  }
  bool rows_are_contiguous() const { return col_stride == 1 && row_stride >= cols; }
};

}  // namespace hessopt::kernels
