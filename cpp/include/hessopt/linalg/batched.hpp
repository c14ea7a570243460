// Many small systems H_s x_s = b_s, all of one size.
#pragma once

#include "hessopt/core/matrix_view.hpp"

namespace hessopt {

// Matrices one after another, each of its own strides.
template <Real T>
struct StackView {
  MatrixView<T> first;
  Index count = 0;
  Index stride = 0;

  MatrixView<T> operator[](Index s) const {
    MatrixView<T> one = first;
    one.data += s * stride;
    return one;
  }
};

// out[s] = H_s^-1 b_s, n x k row by row; H's lower triangles are read. Throws NotPositiveDefinite
// for the first system that is not.
template <Real T>
void cholesky_solve_stack(const StackView<T>& h, const StackView<T>& b, T* out);

}  // namespace hessopt
