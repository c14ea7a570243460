#include "hessopt/networks/output_loss.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

void clear_rest(Index count, Index columns, double* v) {
  for (Index k = 0; k < columns; ++k)
    std::fill(v + k * OutputBlock::stride + count, v + (k + 1) * OutputBlock::stride, 0.0);
}

}  // namespace

bool OutputLoss::accepts(double target) const {
  if (pointwise_) return pointwise_->accepts(target);
  return target >= 0 && target < static_cast<double>(outputs_) && target == std::floor(target);
}

const char* OutputLoss::target() const {
  return pointwise_ ? pointwise_->target() : "integer labels 0 .. units of the last layer - 1";
}

kernels::SoftmaxRows OutputLoss::classes(const OutputBlock& block) const {
  return {block.count, outputs_,   block.outputs, OutputBlock::stride,
          block.top,   block.rest, block.loss};
}

double OutputLoss::evaluate(OutputBlock& block) const {
  double value = 0;
  if (of_classes()) {
    value = kernels::softmax().evaluate(classes(block), block.target, block.weights, block.first,
                                        OutputBlock::stride, nullptr);
  } else {
    for (Index k = 0; k < outputs_; ++k) {
      const Index at = k * OutputBlock::stride;
      double sums[2];  // of the losses, of the squares
      pointwise_->kernel().add_up(pointwise_->parameters(), block.count, block.outputs + at,
                                  block.target + at, block.weights, block.first + at,
                                  block.second + at, sums);
      value += sums[0];
    }
    clear_rest(block.count, outputs_, block.second);
  }
  clear_rest(block.count, outputs_, block.first);
  return value;
}

void OutputLoss::curve(const OutputBlock& block, double* v) const {
  if (of_classes())
    kernels::softmax().multiply_by_curvature(classes(block), block.weights, v, OutputBlock::stride);
  else
    for (Index k = 0; k < outputs_; ++k) {
      const Index at = k * OutputBlock::stride;
      kernels::losses().multiply(block.count, block.second + at, v + at);
    }
  clear_rest(block.count, outputs_, v);
}

}  // namespace hessopt
