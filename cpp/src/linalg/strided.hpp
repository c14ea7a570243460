// Matrices as the kernels are given them.
#pragma once

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/kernels/strided.hpp"

namespace hessopt {

template <Real T>
kernels::StridedMatrix<T> strided(const MatrixView<T>& x) {
  return {x.data, x.rows, x.cols, x.row_stride, x.col_stride};
}

}  // namespace hessopt
