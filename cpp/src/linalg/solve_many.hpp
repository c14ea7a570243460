// Many right-hand sides solved for by one thread.
#pragma once

#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

// X <- M^-1 X, or M^-T X, with M the part of L from row and column `begin` on.
template <Real T>
void solve_many(const MatrixOf<T>& l, Index begin, bool transposed, T* x, Index ldx, Index cols) {
  const Index n = l.rows();
  require_done(kernels::cholesky<T>().solve_many(l.data() + begin * (n + 1), n, n - begin,
                                                 transposed, x, ldx, cols, &poll_in_kernel));
}

}  // namespace hessopt
