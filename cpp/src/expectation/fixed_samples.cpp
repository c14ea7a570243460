#include "hessopt/expectation/fixed_samples.hpp"

#include <algorithm>

#include "hessopt/core/error.hpp"

namespace hessopt {

NoisyRows::NoisyRows(Rows clean, NoiseSamples noise)
    : clean_(std::move(clean)), noise_(std::move(noise)) {
  require(clean_.get_if<DenseRows>() != nullptr, "X", "rows of another kind",
          "dense rows, to put noise on");
}

Block NoisyRows::block(Index begin, Index count, Index sample, bool intercept,
                       RowBuffer& room) const {
  return std::visit(
      [&]<Real T>(const MatrixView<T>& x) {
        RowMatrixOf<T>& buffer = room.of<T>();
        buffer.resize(std::max(buffer.rows(), count), cols());
        const T* from = x.data + begin * x.row_stride;
        if (!x.rows_are_contiguous() || x.row_stride != x.cols) {
          pack_rows(x, begin, count, buffer.data());
          from = buffer.data();
        }
        noise_.apply(sample, begin * cols(), count * cols(), from, buffer.data());
        return dense_block<T>({buffer.data(), count, cols(), Eigen::OuterStride<>(cols())},
                              intercept);
      },
      clean_.get_if<DenseRows>()->view());
}

}  // namespace hessopt
