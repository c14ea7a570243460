// The sample average F_K(x) = 1/K sum_k f(x, mask_k) over K fixed dropout masks of the inputs.
//
// Mask k is stream k of the seed and the element (row i, column j) has index i p + j, so F_K is a
// deterministic function with exact derivatives, convex where f is, and no mask is ever stored:
// each block of rows is dropped K times while it lies in cache.
#pragma once

#include <utility>

#include "hessopt/dropout/apply.hpp"
#include "hessopt/objectives/dense_rows.hpp"

namespace hessopt {

class DroppedRows {
 public:
  DroppedRows(DenseRows rows, const Dropout& noise, Index samples)
      : rows_(std::move(rows)), noise_(noise), samples_(samples) {
    require(samples >= 1, "n_samples", std::to_string(samples), "an integer >= 1");
  }

  Index rows() const { return rows_.rows(); }
  Index cols() const { return rows_.cols(); }
  Index samples() const { return samples_; }
  // Masks belong to the position in the sample: their law is the same.
  DroppedRows every(Index step) const { return {rows_.every(step), noise_, samples_}; }

  RowBlock<double> block(Index begin, Index count, Index sample, RowBuffer& room) const {
    RowMatrix& buffer = room.wide;
    buffer.resize(std::max(buffer.rows(), count), cols());
    rows_.copy_block(begin, count, buffer.data());
    dropout_block(noise_, static_cast<std::uint32_t>(sample), false, begin * cols(), count * cols(),
                  buffer.data(), buffer.data());
    return {buffer.data(), count, cols(), Eigen::OuterStride<>(cols())};
  }

 private:
  DenseRows rows_;
  Dropout noise_;
  Index samples_;
};

// The same model on dropped rows.
template <class Model>
auto fixed_samples(const Model& model, const Dropout& noise, Index samples) {
  const auto& data = model.data();
  return model.with_data(data.with_rows(DroppedRows(data.rows, noise, samples)));
}

}  // namespace hessopt
