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
  // Moves averages, of all layers of batch normalisation, on towards the statistics of the batch,
  // where that has more than one row that weighs anything.
  void move_on(std::vector<Statistics>& running) const;

 private:
  class Worker;

  void read(const Index* rows, Index begin, Index count, double scale, BlockState<T>& state) const;
  double sweep(const VectorOf<T>& x, const Index* rows, Index count, double scale, Index step);
  double penalize(const VectorOf<T>& x);

  const Network& network_;
  const MatrixView<T>& x_;
  Masks masks_;
  std::vector<std::unique_ptr<Worker>> workers_;  // of each thread
  std::unique_ptr<Sweeps<T>> sweeps_;             // in their place, where statistics are of rows
  std::vector<NormNumbers<T>> norms_;             // of fixed statistics
  double squares_ = 1;                            // sum of the squared shares of the last batch
  VectorOf<T> gradient_;
};

extern template class BatchGradient<float>;
extern template class BatchGradient<double>;

}  // namespace hessopt
