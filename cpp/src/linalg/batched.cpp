#include "hessopt/linalg/batched.hpp"

#include <algorithm>
#include <mutex>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/copy_lower.hpp"

namespace hessopt {
namespace {

using kernels::StackPivot;

// Above this order a system is work enough for the blocked factorisation.
constexpr Index largest_interleaved = 64;
// Flops of a task, and tasks for a thread.
constexpr Index stack_flops = 1 << 17, stack_share = 2;

template <Real T>
kernels::Stack<T> stack_of(const StackView<T>& stack) {
  return {strided(stack.first), stack.stride};
}

template <Real T>
StackPivot solve_interleaved(const StackView<T>& h, const StackView<T>& b, T* out, Index begin,
                             Index end) {
  const kernels::CholeskyKernels<T>& kernel = kernels::cholesky<T>();
  const Scratch scratch(kernel.stack_scratch(h.first.rows, b.first.cols));
  return kernel.solve_stack(stack_of(h), stack_of(b), begin, end, scratch.data(), out);
}

template <Real T>
StackPivot solve_one_by_one(const StackView<T>& h, const StackView<T>& b, T* out, Index begin,
                            Index end) {
  const Index n = h.first.rows, k = b.first.cols;
  MatrixOf<T> l(n, n), x(n, k);
  for (Index s = begin; s < end; ++s) {
    copy_lower(h[s], l);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < k; ++j) x(i, j) = b[s](i, j);
    const Pivot pivot = cholesky_factor(l);
    if (pivot.failed()) return {pivot, s};
    cholesky_solve_in_place(l, x);
    Eigen::Map<RowMatrixOf<T>>(out + s * n * k, n, k) = x;
  }
  return {};
}

}  // namespace

template <Real T>
void cholesky_solve_stack(const StackView<T>& h, const StackView<T>& b, T* out) {
  const Index n = h.first.rows;
  const bool small = n <= largest_interleaved;
  const Index lanes = kernels::cholesky<T>().stack_lanes;
  const Index some = std::max<Index>(1, stack_flops / (n * n * n + n * n) / lanes);
  const Cut tasks{h.count, small ? some * lanes : 1};
  StackPivot first;
  std::mutex mutex;
  parallel_for(
      tasks.count(),
      [&](Index t) {
        const Index begin = tasks.begin(t), end = begin + tasks.size(t);
        const StackPivot bad = small ? solve_interleaved(h, b, out, begin, end)
                                     : solve_one_by_one(h, b, out, begin, end);
        if (!bad.failed()) return;
        const std::lock_guard lock(mutex);
        if (!first.failed() || bad.system < first.system) first = bad;
      },
      stack_share);
  if (first.failed()) throw NotPositiveDefinite(first, "H[" + std::to_string(first.system) + "]");
}
template void cholesky_solve_stack(const StackView<float>&, const StackView<float>&, float*);
template void cholesky_solve_stack(const StackView<double>&, const StackView<double>&, double*);

}  // namespace hessopt
