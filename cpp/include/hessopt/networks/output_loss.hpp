// The loss of the outputs z_L of a network: softmax and cross-entropy of K classes, or a pointwise
// loss of every output against a target of its own, summed. In float64 whatever the network is in:
// beside the layers it costs nothing, and values are what line searches live by.
#pragma once

#include <optional>

#include "hessopt/kernels/networks.hpp"
#include "hessopt/kernels/softmax.hpp"
#include "hessopt/losses/any_loss.hpp"

namespace hessopt {

// The outputs of a block of rows and what the loss makes of them, a column each, `stride` apart.
struct OutputBlock {
  static constexpr Index stride = kernels::network_rows;

  Index count = 0;            // rows
  double* target = nullptr;   // classes, or a column an output
  double* weight = nullptr;   // room for weights
  RowWeights weights;         // those of the rows, there or one for all
  double* outputs = nullptr;  // which become the probabilities of classes
  double* first = nullptr;    // d loss / d outputs, times the weight
  double* second = nullptr;   // pointwise: the second derivatives, times the weight
  double* top = nullptr;      // of classes, see kernels::SoftmaxRows
  double* rest = nullptr;
  double* loss = nullptr;
};

class OutputLoss {
 public:
  // Cross-entropy of so many classes.
  explicit OutputLoss(Index classes) : outputs_(classes) {}
  OutputLoss(AnyLoss loss, Index outputs) : pointwise_(std::move(loss)), outputs_(outputs) {}

  bool of_classes() const { return !pointwise_; }
  Index outputs() const { return outputs_; }
  Index target_cols() const { return of_classes() ? 1 : outputs_; }
  const AnyLoss* pointwise() const { return pointwise_ ? &*pointwise_ : nullptr; }
  bool accepts(double target) const;
  const char* target() const;  // in words

  // The weighted sum of the losses; `first` and what `curve` needs are left in the block. Rows
  // from `count` on to a multiple of the step are zeros in it.
  double evaluate(OutputBlock& block) const;
  // v = (d2 loss / d outputs2) v, times the weight, after `evaluate`.
  void curve(const OutputBlock& block, double* v) const;

 private:
  kernels::SoftmaxRows classes(const OutputBlock& block) const;

  std::optional<AnyLoss> pointwise_;
  Index outputs_;
};

}  // namespace hessopt
