#include "hessopt/linalg/copy_lower.hpp"

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Columns of a task, a whole number of packets, and tasks for a thread.
constexpr Index copy_columns = 64, copy_share = 8;

}  // namespace

template <Real T>
void copy_lower(const MatrixView<T>& from, MatrixOf<T>& to) {
  const Cut tasks{from.rows, copy_columns};
  parallel_for(
      tasks.count(),
      [&](Index t) {
        kernels::cholesky<T>().copy_lower(strided(from), tasks.begin(t), tasks.size(t), to.data(),
                                          to.rows());
      },
      copy_share);
}
template void copy_lower(const MatrixView<float>&, MatrixOf<float>&);
template void copy_lower(const MatrixView<double>&, Matrix&);

}  // namespace hessopt
