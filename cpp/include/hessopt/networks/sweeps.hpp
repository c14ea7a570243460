// A network some of whose layers normalise by statistics of all rows. Each of these is a barrier
// that all rows come to before any goes on: forward for mean and variance, on the way back for the
// sums of d. So rows are read in a sweep from each barrier to the next:
//
//   forward to a barrier    what it is fed with, u, is kept, and its moments are summed
//   forward to the loss     and back to the last barrier, whose d is kept
//   back from a barrier     to the one before, from whose u the layers between are computed anew
//
// Of rows, no more is held than u and d of the barriers, and the same along a direction. Statistics
// are over rows and samples of masks alike; what comes to a barrier before the first mask is the
// same for all samples, and is kept once.
#pragma once

#include <memory>
#include <vector>

#include "hessopt/core/function_ref.hpp"
#include "hessopt/networks/block_pass.hpp"
#include "hessopt/networks/moments.hpp"

namespace hessopt {

// The rows of a sweep, read into a state: with their targets, the weights of their losses, a share
// of each sample, and their shares in statistics, which sum to one.
template <Real T>
struct SweptRows {
  Index count;
  double squares;  // sum of the squared shares
  Index col_stride;
  FunctionRef<void(Index begin, Index count, BlockState<T>& state)> read;
};

template <Real T>
class Sweeps {
 public:
  // `parts`: in reverse for the gradient, along a direction for its product, curved for that with
  // the Hessian, which needs both.
  Sweeps(const Architecture& network, const OutputLoss& loss, BlockParts parts);
  ~Sweeps();

  // All of it at x, along v where there is a direction, for the samples of masks that follow
  // `first`; without the penalty.
  void evaluate(const SweptRows<T>& rows, const Masks& masks, Index first, const T* x, const T* v);
  double value() const { return value_; }
  const Vector& gradient() const { return gradient_; }
  const Vector& product() const { return product_; }
  // By layer: what `evaluate` has found at the barriers.
  const std::vector<NormNumbers<T>>& norms() const { return norms_; }

  // The statistics at x alone, of samples 0, 1, ....
  void gather(const SweptRows<T>& rows, const Masks& masks, const T* x);
  // Of the k-th barrier, with its own ddof or another.
  Statistics statistics(Index k) const { return statistics(k, layer(k).norm->ddof); }
  Statistics statistics(Index k, Index ddof) const;
  double factor(Index k) const { return barriers_[static_cast<std::size_t>(k)].factor; }

 private:
  class Worker;
  struct Barrier {
    Index layer;
    Index copies;  // samples that differ there
    Moments moments;
    double factor;  // k of batch_norm.hpp
    T *u, *ru, *d, *rd;
  };
  // From one barrier to another, by their numbers; -1: the inputs, as many as there are: the loss.
  struct Sweep {
    bool back;
    Index from, to;
  };

  const Layer& layer(Index k) const {
    return network_.layer(barriers_[static_cast<std::size_t>(k)].layer);
  }
  Index count() const { return static_cast<Index>(barriers_.size()); }
  void begin(const SweptRows<T>& rows, const Masks& masks, Index first, const T* x, const T* v);
  void make_room();
  Index lay_out(char* start);
  void run(const Sweep& sweep);
  void go_on(Index k);    // from barrier k, as its moments are known
  void go_back(Index k);  // as its sums are

  const Architecture& network_;
  const OutputLoss& loss_;
  BlockParts parts_;
  std::vector<Barrier> barriers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<char[]> memory_;
  Index size_ = 0;
  // Of the call.
  const SweptRows<T>* rows_ = nullptr;
  double rows_squares_ = 1;
  Masks masks_;
  Index first_ = 0;
  const T* x_ = nullptr;
  const T* v_ = nullptr;
  std::vector<NormNumbers<T>> norms_;
  double value_ = 0;
  Vector gradient_, product_;
};

extern template class Sweeps<float>;
extern template class Sweeps<double>;

}  // namespace hessopt
