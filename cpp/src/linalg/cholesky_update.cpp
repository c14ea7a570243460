// Column j of L and a column v are rotated until v_j = 0. Adding takes Givens rotations,
//   [l v] <- [l v] [ c -s ]      c = l_jj / r,  s = v_j / r,  r^2 = l_jj^2 + v_j^2
//                  [ s  c ]
// taking away hyperbolic ones in their mixed form, which is stable as the plain one is not,
//   l <- (l - s v) / c,  v <- c v - s l      s = v_j / l_jj,  c^2 = 1 - s^2
// A. W. Bojanczyk, R. P. Brent, P. Van Dooren, F. R. de Hoog, "A note on downdating the Cholesky
// factorization", SIAM J. Sci. Stat. Comput. 8 (1987). A block of columns is rotated through all of
// V for its own rows first, and the rotations then applied to the rows below in one sweep.
#include "hessopt/linalg/cholesky_update.hpp"

#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Columns of L in a block, rows in a task, tasks for a thread.
constexpr Index update_block = 32, update_rows = 128, update_share = 4;

}  // namespace

template <Real T>
Pivot cholesky_modify(MatrixOf<T>& l, MatrixOf<T>& v, Modification sign) {
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const bool subtract = sign == Modification::subtract;
  const Index n = l.rows(), k = v.cols();
  std::vector<kernels::Rotation<T>> rotations(static_cast<std::size_t>(update_block * k));
  const Cut blocks{n, update_block};
  for (Index b = 0; b < blocks.count(); ++b) {
    const Index begin = blocks.begin(b), size = blocks.size(b), end = begin + size;
    const Pivot pivot = kernel.rotate_triangle(subtract, l.data() + begin * (n + 1), n, size,
                                               v.data() + begin, n, k, rotations.data());
    if (pivot.failed()) return {begin + pivot.row, pivot.value};
    const Cut strips{n - end, update_rows};
    parallel_for(
        strips.count(),
        [&](Index t) {
          const Index top = end + strips.begin(t);
          kernel.rotate_rows(subtract, rotations.data(), l.data() + begin * n + top, n, size,
                             v.data() + top, n, k, strips.size(t));
        },
        update_share);
  }
  return {};
}
template Pivot cholesky_modify(MatrixOf<float>&, MatrixOf<float>&, Modification);
template Pivot cholesky_modify(Matrix&, Matrix&, Modification);

}  // namespace hessopt
