#include "hessopt/expectation/noisy_copies.hpp"

#include <algorithm>
#include <variant>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/dropout/apply.hpp"

namespace hessopt {

template <Real T>
void noisy_copies(const Noise& noise, const Copies& copies, const MatrixView<T>& x, Index begin,
                  T* out) {
  require(!std::holds_alternative<DropConnect>(noise), "noise", "DropConnect", "noise on inputs");
  const bool additive = is_additive(noise);
  const Cut cut{x.rows, rows_per_block(x.cols)};
  const auto fill = [&](Index task) {
    const Index copy = task / cut.count(), block = task % cut.count();
    const Index row = cut.begin(block), rows = cut.size(block), size = rows * x.cols;
    const Draw draw = sample_of(copies.first + copy, copies.antithetic);
    T* const to = out + (copy * x.rows + row) * x.cols;
    RowMatrixOf<T> buffer;
    const RowBlock<T> clean = row_block<T>(x, row, rows, buffer);
    if (copies.shared) {
      // The noise alone, drawn once: of what it leaves as it is.
      VectorOf<T> z = VectorOf<T>::Constant(x.cols, additive ? T{0} : T{1});
      put_noise(noise, draw, 0, x.cols, z.data(), z.data());
      return kernels::dropout<T>().combine(additive, rows, x.cols, clean.data(),
                                           clean.outerStride(), z.data(), to);
    }
    const Index offset = (begin + row) * x.cols;
    if (rows == 1 || clean.outerStride() == x.cols)
      return put_noise(noise, draw, offset, size, clean.data(), to);
    for (Index i = 0; i < rows; ++i)
      std::copy_n(clean.data() + i * clean.outerStride(), x.cols, to + i * x.cols);
    put_noise<T>(noise, draw, offset, size, to, to);
  };
  const Index share = 1 + 65536 / (1 + std::min(cut.step, x.rows) * x.cols);
  parallel_for(copies.count * cut.count(), fill, share);
}
template void noisy_copies(const Noise&, const Copies&, const MatrixView<float>&, Index, float*);
template void noisy_copies(const Noise&, const Copies&, const MatrixView<double>&, Index, double*);

}  // namespace hessopt
