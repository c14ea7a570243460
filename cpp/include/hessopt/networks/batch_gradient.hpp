// The objective of a mini-batch of a network's rows with its gradient, in the precision of X, under
// masks that serve this once. Memory is taken once, for any number of batches.
#pragma once

#include <memory>
#include <vector>

#include "hessopt/networks/block_pass.hpp"
#include "hessopt/networks/network.hpp"

namespace hessopt {

template <Real T>
class BatchGradient {
 public:
  // Of up to `most` rows of the network, whose X is of type T. Masks are drawn of this seed.
  BatchGradient(const Network& network, Index most, std::uint64_t seed);
  ~BatchGradient();

  // The value at x of rows[0], ..., rows[count - 1], each with its weight times n / count, so that
  // the mean over batches is the objective; its gradient is left in gradient(). Masks are those of
  // sample `step`, and the place in the batch is the row: masks of rows that follow each other are
  // drawn together.
  double evaluate(const VectorOf<T>& x, const Index* rows, Index count, Index step);
  const VectorOf<T>& gradient() const { return gradient_; }

 private:
  class Worker;

  double penalize(const VectorOf<T>& x);

  const Network& network_;
  const MatrixView<T>& x_;
  Masks masks_;
  std::vector<std::unique_ptr<Worker>> workers_;  // of each thread
  VectorOf<T> gradient_;
};

extern template class BatchGradient<float>;
extern template class BatchGradient<double>;

}  // namespace hessopt
