// Read-only views of somebody else's memory: C or Fortran order, any stride, in elements.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

template <Real T>
struct VectorView {
  const T* data = nullptr;
  Index size = 0;
  Index stride = 1;

  const T& operator[](Index i) const { return data[i * stride]; }
  auto map() const {
    return Eigen::Map<const VectorOf<T>, 0, Eigen::InnerStride<>>(data, size,
                                                                  Eigen::InnerStride<>(stride));
  }
};

template <Real T>
struct MatrixView {
  const T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index row_stride = 0;
  Index col_stride = 1;

  const T& operator()(Index i, Index j) const { return data[i * row_stride + j * col_stride]; }
  MatrixView middle_rows(Index begin, Index count) const {
    return {data + begin * row_stride, count, cols, row_stride, col_stride};
  }
  // Rows 0, step, 2 step, ...
  MatrixView every(Index step) const {
    return {data, (rows + step - 1) / step, cols, row_stride * step, col_stride};
  }
  VectorView<T> row(Index i) const { return {data + i * row_stride, cols, col_stride}; }

  // Rows that a kernel can stream as they lie in memory.
  bool rows_are_contiguous() const { return col_stride == 1 && row_stride >= cols; }
};

template <Real T>
MatrixView<T> view_of(const RowMatrixOf<T>& m) {
  return {m.data(), m.rows(), m.cols(), m.cols(), 1};
}

}  // namespace hessopt
