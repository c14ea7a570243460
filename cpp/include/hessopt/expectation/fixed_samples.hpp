// The sample average F_K(x) = 1/K sum_k f(x, z_k) over K fixed samples of the noise of the inputs.
//
// The element (row i, column j) of X has index i p + j in the noise, so F_K is a deterministic
// function with exact derivatives, convex where f is, and no noise is ever stored: each block of
// rows is written with its noise K times while it lies in cache, in its own dtype. Of sparse rows
// it is the stored numbers that are written, with what the noise of the table has for their
// elements.
#pragma once

#include <utility>

#include "hessopt/expectation/noise_samples.hpp"
#include "hessopt/objectives/data.hpp"

namespace hessopt {

class NoisyRows final : public RowSource {
 public:
  // Noise that is added needs dense rows.
  NoisyRows(Rows clean, NoiseSamples noise);

  Index rows() const override { return clean_.rows(); }
  Index cols() const override { return clean_.cols(); }
  Index samples() const override { return noise_.count(); }
  Index numbers_a_row() const override { return clean_.numbers_a_row(); }
  const Rows* clean() const override { return &clean_; }
  // The noise belongs to the position among the rows taken: its law is the same.
  Rows every(Index step, Index first) const override {
    return NoisyRows(clean_.every(step, first), noise_);
  }
  Block block(Index begin, Index count, Index sample, bool intercept,
              RowBuffer& room) const override;

 private:
  Block stored_block(Index begin, Index count, Index sample, bool intercept, RowBuffer& room) const;

  Rows clean_;
  NoiseSamples noise_;
};

// The same model on noisy rows.
template <class Model>
Model fixed_samples(const Model& model, const NoiseSamples& noise) {
  const Data& data = model.data();
  return model.with_data(data.with_rows(NoisyRows(data.rows.clean(), noise)));
}

}  // namespace hessopt
