#include "hessopt/networks/batch_gradient.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace {

// Blocks of rows for which a second thread is worth its start.
constexpr Index blocks_per_thread = 4;

}  // namespace

// The sums of a block, and what a thread needs for them.
template <Real T>
class BatchGradient<T>::Worker {
 public:
  explicit Worker(const BatchGradient& of)
      : of_(of),
        state_(of.network_.architecture(), {.reverse = true}),
        gradient_(VectorOf<T>::Zero(of.gradient_.size())) {}

  // Rows begin .. begin + count of a batch.
  void add(const VectorOf<T>& x, const Index* rows, Index begin, Index count, double scale,
           Index step) {
    const Scratch scratch(state_.bytes());
    state_.place(scratch.data());
    read(rows, begin, count, scale);
    const Architecture& net = of_.network_.architecture();
    const Index last = net.depth();
    BlockPass<T> pass(net, of_.network_.loss(), of_.masks_, x.data(), state_);
    kernels::networks<T>().transpose(count, net.width(0), state_.row, of_.x_.col_stride,
                                     state_[0].a);
    if (net.rate(0) > 0) pass.mask(0, step, state_[0]);
    pass.forward_masked(0, last, step);
    value_ += pass.evaluate_loss();
    pass.reverse(last, 1);
    pass.add_gradients(1, last, gradient_.data());
  }
  void hand_over(double& value, VectorOf<T>& gradient) {
    value += std::exchange(value_, 0.0);
    gradient += gradient_;
    gradient_.setZero();
  }
  // Of what an interrupted batch has left.
  void clear() {
    value_ = 0;
    gradient_.setZero();
  }

 private:
  void read(const Index* rows, Index begin, Index count, double scale) {
    const NetworkData& data = of_.network_.data();
    OutputBlock& out = state_.output;
    constexpr Index step = kernels::network_step;
    state_.count = out.count = count;
    state_.rows = (count + step - 1) / step * step;
    for (Index i = 0; i < count; ++i) {
      const Index row = rows[begin + i];
      state_.index[i] = begin + i;
      state_.row[i] = of_.x_.data + data.row(row) * of_.x_.row_stride;
      out.weight[i] = scale * data.weight(row);
      for (Index k = 0; k < data.target().cols(); ++k)
        out.target[k * OutputBlock::stride + i] = data.target()(row, k);
    }
    out.weights = {out.weight, 1};
  }

  const BatchGradient& of_;
  BlockState<T> state_;
  double value_ = 0;
  VectorOf<T> gradient_;
};

template <Real T>
BatchGradient<T>::BatchGradient(const Network& network, Index most, std::uint64_t seed)
    : network_(network),
      x_(std::get<MatrixView<T>>(network.data().x().view())),
      masks_{seed, 1},
      gradient_(network.n_parameters()) {
  const Index blocks = Cut{most, kernels::network_rows}.count();
  for (int i = 0; i < team_size(blocks, blocks_per_thread); ++i)
    workers_.push_back(std::make_unique<Worker>(*this));
}

template <Real T>
BatchGradient<T>::~BatchGradient() = default;

template <Real T>
double BatchGradient<T>::evaluate(const VectorOf<T>& x, const Index* rows, Index count,
                                  Index step) {
  const Cut blocks{count, kernels::network_rows};
  const double scale = static_cast<double>(network_.data().rows()) / static_cast<double>(count);
  const auto of = [&](int member) -> Worker& {
    return *workers_[static_cast<std::size_t>(member)];
  };
  const int threads =
      std::min(team_size(blocks.count(), blocks_per_thread), static_cast<int>(workers_.size()));
  double value = 0;
  gradient_.setZero();
  ordered_reduce(
      blocks.count(), threads, [&](int member) { of(member).clear(); },
      [&](int member, Index i) {
        of(member).add(x, rows, blocks.begin(i), blocks.size(i), scale, step);
      },
      [&](int member) { of(member).hand_over(value, gradient_); });
  return value + penalize(x);
}

template <Real T>
double BatchGradient<T>::penalize(const VectorOf<T>& x) {
  const Architecture& net = network_.architecture();
  double value = 0;
  for (Index l = 1; l <= net.depth(); ++l) {
    const double l2 = network_.l2()[l - 1];
    if (l2 == 0) continue;
    const Index at = net.layer(l).weights, size = net.layer(l).biases - at;
    value += 0.5 * l2 * static_cast<double>(x.segment(at, size).squaredNorm());
    gradient_.segment(at, size) += static_cast<T>(l2) * x.segment(at, size);
  }
  return value;
}

template class BatchGradient<float>;
template class BatchGradient<double>;

}  // namespace hessopt
