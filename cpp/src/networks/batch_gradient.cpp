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
    of_.read(rows, begin, count, scale, state_);
    const Architecture& net = of_.network_.architecture();
    const Index last = net.depth();
    BlockPass<T> pass(net, of_.network_.loss(), of_.masks_, x.data(), of_.norms_, state_);
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
  const BatchGradient& of_;
  BlockState<T> state_;
  double value_ = 0;
  VectorOf<T> gradient_;
};

// Rows begin .. begin + count of a batch.
template <Real T>
void BatchGradient<T>::read(const Index* rows, Index begin, Index count, double scale,
                            BlockState<T>& state) const {
  const NetworkData& data = network_.data();
  OutputBlock& out = state.output;
  constexpr Index step = kernels::network_step;
  state.count = out.count = count;
  state.rows = (count + step - 1) / step * step;
  for (Index i = 0; i < count; ++i) {
    const Index row = rows[begin + i];
    state.index[i] = begin + i;
    state.row[i] = x_.data + data.row(row) * x_.row_stride;
    out.weight[i] = scale * data.weight(row);
    for (Index k = 0; k < data.target().cols(); ++k)
      out.target[k * OutputBlock::stride + i] = data.target()(row, k);
  }
  out.weights = {out.weight, 1};
}

template <Real T>
BatchGradient<T>::BatchGradient(const Network& network, Index most, std::uint64_t seed)
    : network_(network),
      x_(std::get<MatrixView<T>>(network.data().x().view())),
      masks_{seed, 1},
      norms_(static_cast<std::size_t>(network.architecture().depth() + 1)),
      gradient_(network.n_parameters()) {
  if (!network.architecture().barriers().empty()) {
    sweeps_ = std::make_unique<Sweeps<T>>(network.architecture(), network.loss(),
                                          BlockParts{.reverse = true});
    return;
  }
  const Index blocks = Cut{most, kernels::network_rows}.count();
  for (int i = 0; i < team_size(blocks, blocks_per_thread); ++i)
    workers_.push_back(std::make_unique<Worker>(*this));
}

template <Real T>
BatchGradient<T>::~BatchGradient() = default;

template <Real T>
double BatchGradient<T>::evaluate(const VectorOf<T>& x, const Index* rows, Index count,
                                  Index step) {
  const double scale = static_cast<double>(network_.data().rows()) / static_cast<double>(count);
  if (sweeps_) return sweep(x, rows, count, scale, step) + penalize(x);
  if (!network_.architecture().norms().empty())
    norms_ = norm_numbers(network_.architecture(), x.data());
  const Cut blocks{count, kernels::network_rows};
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
double BatchGradient<T>::sweep(const VectorOf<T>& x, const Index* rows, Index count, double scale,
                               Index step) {
  const NetworkData& data = network_.data();
  double all = 0, squares = 0;
  for (Index i = 0; i < count; ++i) {
    all += data.weight(rows[i]);
    squares += data.weight(rows[i]) * data.weight(rows[i]);
  }
  const double even = 1 / static_cast<double>(count);  // of rows none of which weighs anything
  squares_ = all > 0 ? squares / (all * all) : even;
  const auto into = [&](Index begin, Index size, BlockState<T>& state) {
    read(rows, begin, size, scale, state);
    for (Index i = 0; i < size; ++i)
      state.weight[i] = static_cast<T>(all > 0 ? data.weight(rows[begin + i]) / all : even);
    std::fill(state.weight + size, state.weight + state.rows, T{0});
  };
  sweeps_->evaluate({count, squares_, x_.col_stride, into}, masks_, step, x.data(), nullptr);
  gradient_ = sweeps_->gradient().template cast<T>();
  return sweeps_->value();
}

template <Real T>
void BatchGradient<T>::move_on(std::vector<Statistics>& running) const {
  if (!sweeps_ || squares_ >= 1) return;
  const Architecture& net = network_.architecture();
  const std::vector<Index> norms = net.norms();
  Index barrier = 0;
  for (std::size_t k = 0; k < norms.size(); ++k) {
    const Layer& layer = net.layer(norms[k]);
    if (!layer.is_barrier()) continue;
    const Statistics found = sweeps_->statistics(barrier++, layer.norm->running_ddof);
    running[k].mean += layer.norm->momentum * (found.mean - running[k].mean);
    running[k].variance += layer.norm->momentum * (found.variance - running[k].variance);
  }
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
