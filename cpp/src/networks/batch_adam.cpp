#include "hessopt/networks/batch_adam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/networks/batch_gradient.hpp"
#include "hessopt/networks/row_order.hpp"

namespace hessopt {
namespace {

// Streams of steps and of the fixed masks of a network have the same numbers: other keys.
std::uint64_t key_of(std::uint64_t seed) { return seed ^ 0x9E3779B97F4A7C15u; }

constexpr Index most = Index{1} << 32;  // rows, and streams of masks

bool fits(const BatchAdamOptions& o, Index rows) {
  return o.batch_size >= 1 && o.epochs >= 1 && o.epochs < most && o.rate > 0 &&
         std::isfinite(o.rate) && o.warmup >= 0 && std::isfinite(o.warmup) && o.averaged >= 0 &&
         rows >= 1 && rows < most;
}

}  // namespace

template <Real T>
BatchAdam<T>::BatchAdam(VectorOf<T> x, const Network& network, const BatchAdamOptions& options)
    : options_(options),
      rows_(network.data().rows()),
      x_(std::move(x)),
      moments_(options.adam, x_.size()) {
  require(x_.allFinite(), "x0", "NaN or inf", "finite numbers");
  require(options.batch_size >= 1, "batch_size", std::to_string(options.batch_size),
          "an integer >= 1");
  require(options.epochs >= 1 && options.epochs < most, "epochs", std::to_string(options.epochs),
          "an integer in [1, 2**32)");
  require(options.rate > 0 && std::isfinite(options.rate), "learning_rate", text(options.rate),
          "a finite number > 0");
  require(options.warmup >= 0 && options.warmup < static_cast<double>(options.epochs), "warmup",
          text(options.warmup), "a number of epochs in [0, epochs)");
  require(options.averaged >= 0 && options.averaged <= options.epochs, "averaged_epochs",
          std::to_string(options.averaged), "an integer in [0, epochs]");
  require(rows_ < most, "network", std::to_string(rows_) + " rows", "fewer than 2**32");
  if (options.averaged > 0) mean_ = x_;
  const Architecture& net = network.architecture();
  for (const Index l : net.norms()) {
    const Index units = net.width(l);
    running_.push_back(
        net.layer(l).norm->fixed.value_or(Statistics{Vector::Zero(units), Vector::Ones(units)}));
  }
}

template <Real T>
bool BatchAdam<T>::valid() const {
  return fits(options_, rows_) && moments_.valid(x_.size()) &&
         mean_.size() == (options_.averaged > 0 ? x_.size() : 0) && is_count(averaged_) &&
         std::ranges::all_of(
             running_, [](const Statistics& s) { return s.mean.size() == s.variance.size(); }) &&
         is_count(steps_) && averaged_ <= steps_ && (averaged_ == 0 || options_.averaged > 0);
}

template <Real T>
double BatchAdam<T>::rate() const {
  const auto per_epoch = static_cast<double>(steps_per_epoch());
  const double step = static_cast<double>(steps_), warm = std::floor(options_.warmup * per_epoch);
  if (step < warm) return options_.rate * (step + 1) / (warm + 1);
  const double all = static_cast<double>(options_.epochs) * per_epoch;
  const double done = std::min(1.0, (step - warm) / (all - warm));
  switch (options_.decline) {
    case Decline::linear:
      return options_.rate * (1 - done);
    case Decline::cosine:
      return options_.rate * (1 + std::cos(std::numbers::pi * done)) / 2;
    case Decline::none:
      break;
  }
  return options_.rate;
}

template <Real T>
void BatchAdam<T>::require_fit(const Network& network) const {
  require(std::holds_alternative<MatrixView<T>>(network.data().x().view()), "network",
          "X of another precision", "that of x0's network");
  require(network.n_parameters() == x_.size(), "network",
          std::to_string(network.n_parameters()) + " parameters", "as many as x0 has");
  const std::vector<Index> norms = network.architecture().norms();
  bool fits = norms.size() == running_.size();
  for (std::size_t k = 0; fits && k < norms.size(); ++k)
    fits = running_[k].mean.size() == network.architecture().width(norms[k]);
  require(fits, "network", "other layers of batch normalisation", "those of x0's network");
  require(network.data().rows() == rows_, "network",
          std::to_string(network.data().rows()) + " rows", "as many as at the start");
  require(steps_ < most / (network.architecture().depth() + 1) - steps_per_epoch(), "epochs",
          std::to_string(steps_) + " steps so far", "fewer than 2**32 masks of layers");
}

template <Real T>
double BatchAdam<T>::run_epoch(const Network& network) {
  require_fit(network);
  const std::uint64_t key = key_of(options_.seed);
  BatchGradient<T> batch(network, batch_size(), key);
  std::vector<Index> order(static_cast<std::size_t>(rows_));
  shuffle_rows(key, epochs(), order);
  for (Index i = steps_ % steps_per_epoch(); i < steps_per_epoch(); ++i) {
    const Index begin = i * batch_size(), count = std::min(batch_size(), rows_ - begin);
    double value = 0;
    {
      const Interruptible until_here;
      value = batch.evaluate(x_, order.data() + begin, count, steps_);
    }
    value_ += value * static_cast<double>(count) / static_cast<double>(rows_);
    batch.move_on(running_);
    moments_.step(rate(), x_, batch.gradient(), x_);
    ++steps_;
    average();
  }
  return std::exchange(value_, 0.0);
}

template <Real T>
void BatchAdam<T>::average() {
  if (options_.averaged == 0) return;
  if (steps_ <= (options_.epochs - options_.averaged) * steps_per_epoch()) return;
  ++averaged_;
  const double share = 1 / static_cast<double>(averaged_);
  kernels::vectors<T>().combine(x_.size(), static_cast<T>(share), x_.data(),
                                static_cast<T>(1 - share), mean_.data(), mean_.data());
}

template class BatchAdam<float>;
template class BatchAdam<double>;

}  // namespace hessopt
