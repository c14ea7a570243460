// Adam on mini-batches of a network's rows: shuffled anew in every epoch, fresh masks of dropout at
// every step, by a schedule of the rate. All that is random is a function of (seed, step), so that
// a state that is saved goes on bit for bit.
#pragma once

#include <cstdint>

#include "hessopt/networks/network.hpp"
#include "hessopt/solvers/adam.hpp"

namespace hessopt {

// What the rate does after its warm-up: stays, or falls to zero along a line or half a cosine.
enum class Decline : std::int32_t { none, linear, cosine };
inline bool is_enumerator(Decline d) { return d >= Decline::none && d <= Decline::cosine; }

struct BatchAdamOptions {
  Index batch_size = 128;
  Index epochs = 1;  // at whose end the rate is zero
  double rate = 1e-3;
  double warmup = 0;  // epochs in which the rate rises along a line
  Decline decline = Decline::none;
  Index averaged = 0;  // the last epochs, whose iterates are averaged
  std::uint64_t seed = 0;
  AdamOptions adam;

  template <class A>
  void fields(A& archive) {
    archive(batch_size, epochs, rate, warmup, decline, averaged, seed, adam);
  }
};

template <Real T>
class BatchAdam {
 public:
  using Scalar = T;
  static std::string kind() { return "BatchAdam " + precision<T>(); }

  BatchAdam() = default;
  BatchAdam(VectorOf<T> x, const Network& network, const BatchAdamOptions& options);

  // The rest of an epoch; the mean of the values of its steps, at the points where they began. An
  // interrupt is thrown between two steps.
  double run_epoch(const Network& network);

  const VectorOf<T>& x() const { return x_; }
  // Of the iterates of the last epochs, or x while there are none.
  const VectorOf<T>& mean() const { return averaged_ > 0 ? mean_ : x_; }
  // Averages of the statistics of batches, of all layers of batch normalisation in their order:
  // means from 0 on and variances from 1, or the fixed ones.
  const std::vector<Statistics>& running() const { return running_; }
  Index steps() const { return steps_; }
  Index epochs() const { return steps_ / steps_per_epoch(); }
  double rate() const;  // of the next step
  const BatchAdamOptions& options() const { return options_; }

  template <class A>
  void fields(A& archive) {
    archive(options_, rows_, x_, moments_, mean_, averaged_, running_, steps_, value_);
  }
  bool valid() const;

 private:
  Index batch_size() const { return std::min(options_.batch_size, rows_); }
  Index steps_per_epoch() const { return (rows_ + batch_size() - 1) / batch_size(); }
  void require_fit(const Network& network) const;
  void average();

  BatchAdamOptions options_;
  Index rows_ = 1;
  VectorOf<T> x_;
  AdamMoments<T> moments_;
  VectorOf<T> mean_;
  Index averaged_ = 0;  // iterates in the mean
  std::vector<Statistics> running_;
  Index steps_ = 0;
  double value_ = 0;  // of the epoch so far
};

extern template class BatchAdam<float>;
extern template class BatchAdam<double>;

}  // namespace hessopt
