// What a network is fitted to: rows of X where they lie, all or some of them, with their targets
// and weights.
#pragma once

#include <vector>

#include "hessopt/networks/output_loss.hpp"
#include "hessopt/rows/dense.hpp"

namespace hessopt {

class NetworkData {
 public:
  // target: rows x 1, or x outputs. weight: of each row; empty: all weigh the same.
  NetworkData(DenseRows x, Matrix target, Array weight, const OutputLoss& loss);

  const DenseRows& x() const { return x_; }
  Index cols() const { return x_.cols(); }
  Index rows() const { return target_.rows(); }
  // Where row i is in X, by which its masks are drawn.
  Index row(Index i) const { return some_ ? chosen_[static_cast<std::size_t>(i)] : i; }
  const Matrix& target() const { return target_; }
  // Of row i among those here; they sum to one.
  double weight(Index i) const {
    return weight_.size() > 0 ? weight_[i] : 1 / static_cast<double>(rows());
  }
  bool is_weighted() const { return weight_.size() > 0; }
  // One over how many rows of equal weight they are worth.
  double squared_weights() const {
    return is_weighted() ? weight_.square().sum() : 1 / static_cast<double>(rows());
  }

  // Some of these rows, whose weights sum to one again; without any weight all weigh the same.
  NetworkData batch(const std::vector<Index>& rows) const;
  NetworkData every(Index step) const;

 private:
  DenseRows x_;
  Matrix target_;
  Array weight_;  // normalised; empty when all rows weigh the same
  bool some_ = false;
  std::vector<Index> chosen_;
};

}  // namespace hessopt
