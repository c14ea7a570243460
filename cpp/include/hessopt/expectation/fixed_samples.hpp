// The sample average F_K(x) = 1/K sum_k f(x, z_k) over K fixed samples of the noise of the inputs.
//
// The element (row i, column j) of X has index i p + j in the noise, so F_K is a deterministic
// function with exact derivatives, convex where f is, and no noise is ever stored: each block of
// rows is written with its noise K times while it lies in cache, in its own dtype.
#pragma once

#include <algorithm>
#include <utility>

#include "hessopt/expectation/noise_samples.hpp"
#include "hessopt/objectives/dense_rows.hpp"

namespace hessopt {

class NoisyRows {
 public:
  NoisyRows(DenseRows rows, NoiseSamples noise)
      : rows_(std::move(rows)), noise_(std::move(noise)) {}

  Index rows() const { return rows_.rows(); }
  Index cols() const { return rows_.cols(); }
  Index samples() const { return noise_.count(); }
  // The rows before any noise was put on them.
  const DenseRows& dense() const { return rows_; }
  // The noise belongs to the position among the rows taken: its law is the same.
  NoisyRows every(Index step) const { return {rows_.every(step), noise_}; }

  AnyRowBlock block(Index begin, Index count, Index sample, RowBuffer& room) const {
    return std::visit(
        [&]<Real T>(const MatrixView<T>& x) -> AnyRowBlock {
          RowMatrixOf<T>& buffer = room.of<T>();
          buffer.resize(std::max(buffer.rows(), count), cols());
          const T* from = x.data + begin * x.row_stride;
          if (!x.rows_are_contiguous() || x.row_stride != x.cols) {
            pack_rows(x, begin, count, buffer.data());
            from = buffer.data();
          }
          noise_.apply(sample, begin * cols(), count * cols(), from, buffer.data());
          return RowBlock<T>{buffer.data(), count, cols(), Eigen::OuterStride<>(cols())};
        },
        rows_.view());
  }

 private:
  DenseRows rows_;
  NoiseSamples noise_;
};

// The same model on noisy rows.
template <class Model>
auto fixed_samples(const Model& model, const NoiseSamples& noise) {
  const auto& data = model.data();
  return model.with_data(data.with_rows(NoisyRows(data.rows, noise)));
}

}  // namespace hessopt
