// One right-hand side, in blocks of columns:
//   [ L11      ]      L x = b:   x1 <- L11^-1 x1, then x2 <- x2 - L21 x1      from the top
//   [ L21  L22 ]      L'x = b:   x1 <- L11^-T (x1 - L21'x2)                   from the bottom
// Every column is read once, several side by side.
#include "hessopt/linalg/triangular_solve.hpp"

#include <algorithm>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"
#include "solve_many.hpp"

namespace hessopt {
namespace {

// Columns of a block and rows of a task, and the least for a thread. A team is woken for every
// block, which less than 8 MB of it is not worth, and in shorter tasks no stream of a column gets
// up to speed.
constexpr Index solve_block = 256, solve_rows = 1024, solve_share = 2;
// Right-hand sides of a task, where there are many.
constexpr Index solve_columns = 32;

template <Real T>
void solve_one(const MatrixOf<T>& l, T* x) {
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const Index n = l.rows(), ld = n;
  const Cut blocks{n, solve_block};
  for (Index b = 0; b < blocks.count(); ++b) {
    const Index begin = blocks.begin(b), size = blocks.size(b), end = begin + size;
    kernel.forward(l.data() + begin * (ld + 1), ld, x + begin, size);
    const Cut tasks{n - end, solve_rows};
    parallel_for(
        tasks.count(),
        [&](Index t) {
          const Index top = end + tasks.begin(t);
          kernel.subtract_columns(l.data() + begin * ld + top, ld, x + begin, size, x + top,
                                  tasks.size(t));
        },
        solve_share);
  }
}

template <Real T>
void solve_one_transposed(const MatrixOf<T>& l, T* x) {
  constexpr Index side = kernels::solve_side;
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const Index n = l.rows(), ld = n;
  const Cut blocks{n, solve_block};
  for (Index b = blocks.count() - 1; b >= 0; --b) {
    const Index begin = blocks.begin(b), size = blocks.size(b), end = begin + size;
    if (end < n)
      parallel_for(
          solve_block / side,
          [&](Index t) {
            const Index j = begin + t * side;
            kernel.subtract_dots(l.data() + j * ld + end, ld, x + end, n - end, x + j, side);
          },
          std::max<Index>(1, solve_share * solve_rows * solve_block / side / (n - end)));
    kernel.backward(l.data() + begin * (ld + 1), ld, x + begin, size);
  }
}

template <Real T>
void solve_columns_of(const MatrixOf<T>& l, bool transposed, MatrixRefOf<T> x) {
  const Cut tasks{x.cols(), solve_columns};
  parallel_for(tasks.count(), [&](Index t) {
    auto some = x.middleCols(tasks.begin(t), tasks.size(t));
    solve_many(l, 0, transposed, some.data(), some.outerStride(), some.cols());
  });
}

}  // namespace

template <Real T>
void solve_lower(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  if (x.cols() == 1) return solve_one(l, x.data());
  solve_columns_of<T>(l, false, x);
}

template <Real T>
void solve_lower_transposed(const MatrixOf<T>& l, std::type_identity_t<MatrixRefOf<T>> x) {
  if (x.cols() == 1) return solve_one_transposed(l, x.data());
  solve_columns_of<T>(l, true, x);
}

template void solve_lower<float>(const MatrixOf<float>&, MatrixRefOf<float>);
template void solve_lower<double>(const Matrix&, MatrixRef);
template void solve_lower_transposed<float>(const MatrixOf<float>&, MatrixRefOf<float>);
template void solve_lower_transposed<double>(const Matrix&, MatrixRef);

}  // namespace hessopt
