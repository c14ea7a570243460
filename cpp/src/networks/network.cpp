#include "hessopt/networks/network.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/networks/whole_hessian.hpp"

namespace hessopt {
namespace {

constexpr Index rows_per_task = 4 * kernels::network_rows;
// A point is kept for further products where it takes no more than this, or than the data.
constexpr double most_kept = 0x1p26;

// Where the blocks keep a point: nowhere, or there, where all of it may be known already.
struct Point {
  BlockParts parts;
  char* kept = nullptr;
  bool is_known = false;
};

// The sums of a task, in the precision of the network, and what a thread needs for them.
template <Real T>
class Worker {
 public:
  Worker(const Network& network, const MatrixView<T>& rows, const VectorOf<T>& x,
         const MatrixOf<T>& along, const Request& request, const Point& point)
      : network_(network),
        rows_(rows),
        x_(x),
        along_(along),
        curved_(along.cols() > 0 && !request.gauss_newton),
        point_(point),
        norms_(norm_numbers(network.architecture(), x.data())),
        state_(network.architecture(), point.parts),
        gradient_(VectorOf<T>::Zero(request.gradient ? x.size() : 0)),
        products_(MatrixOf<T>::Zero(x.size(), along.cols())) {}

  void add_task(Index begin, Index end) {
    const Scratch scratch(state_.bytes());
    state_.place(scratch.data());
    for (; begin < end; begin += kernels::network_rows) {
      if (point_.kept != nullptr)
        state_.place(point_.kept + begin / kernels::network_rows * state_.point_bytes(),
                     scratch.data());
      add_block(begin, std::min(kernels::network_rows, end - begin));
    }
  }
  void hand_over(Evaluation& sum) {
    sum.value += std::exchange(value_, 0);
    if (gradient_.size() > 0) sum.gradient += gradient_.template cast<double>();
    if (products_.size() > 0) sum.products += products_.template cast<double>();
    gradient_.setZero();
    products_.setZero();
  }

 private:
  const Architecture& net() const { return network_.architecture(); }

  void add_block(Index begin, Index count) {
    BlockPass<T> pass(net(), network_.loss(), network_.masks(), x_.data(), norms_, state_);
    read_block(rows_, &network_.data(), begin, count, state_);
    read_targets(network_.data(), samples(), begin, state_.output, count);
    const Index first = net().first_masked(), last = net().depth();
    if (first < last) swap_common(first);
    kernels::networks<T>().transpose(count, net().width(0), state_.row, rows_.col_stride,
                                     state_[0].a);
    if (!point_.is_known) pass.forward(0, first);
    if (first < last) {
      swap_common(first);
      add_samples(pass, first, last);
    } else if (!point_.is_known) {
      value_ += pass.evaluate_loss();
    }
    finish(pass, first, first == last);
  }

  // What differs between samples, of the layers from `first` on, whose d and rd are summed.
  void add_samples(BlockPass<T>& pass, Index first, Index last) {
    const T* v = along_.cols() > 0 ? along_.data() : nullptr;  // one at a time
    if (v != nullptr) pass.forward_along(v, 0, first);
    for (Index sample = 0; sample < samples(); ++sample) {
      pass.mask(first, sample, state_.common);
      pass.forward_masked(first, last, sample);
      value_ += pass.evaluate_loss();
      if (reverses()) {
        pass.reverse(last, std::max<Index>(first, 1));
        if (gradient_.size() > 0) pass.add_gradients(first + 1, last, gradient_.data());
      }
      if (v != nullptr) {
        pass.mask_along(first);
        pass.forward_along(v, first, last);
        pass.loss_along();
        pass.reverse_along(v, curved_, last, std::max<Index>(first, 1));
        pass.add_products(curved_, first + 1, last, products_.data());
      }
      if (first > 0) sum_up(first, sample);
    }
  }

  // Gradients and products of layers 1 .. last, from d_last and rd_last.
  void finish(BlockPass<T>& pass, Index last, bool is_output) {
    if (reverses() && !point_.is_known) {
      pass.reverse(last, 1);
      if (gradient_.size() > 0) pass.add_gradients(1, last, gradient_.data());
    }
    for (Index k = 0; k < along_.cols(); ++k) {
      const T* v = along_.col(k).data();
      if (is_output) {
        pass.forward_along(v, 0, last);
        pass.loss_along();
      }
      pass.reverse_along(v, curved_, last, 1);
      pass.add_products(curved_, 1, last, products_.col(k).data());
    }
  }

  void sum_up(Index l, Index sample) {
    LayerBlock<T>& at = state_[l];
    const auto add = [&](T*& each, T*& sum) {
      if (each == nullptr) return;
      if (sample == 0)
        std::swap(each, sum);
      else
        kernels::networks<T>().add(state_.rows, net().width(l), each, sum);
      if (sample == samples() - 1) std::swap(each, sum);
    };
    add(at.d, state_.common.d);
    add(at.rd, state_.common.rd);
  }
  void swap_common(Index l) {
    std::swap(state_[l].a, state_.common.a);
    std::swap(state_[l].slope, state_.common.slope);
    std::swap(state_[l].bend, state_.common.bend);
  }
  Index samples() const { return network_.masks().samples; }
  bool reverses() const { return gradient_.size() > 0 || curved_; }

  const Network& network_;
  const MatrixView<T>& rows_;
  const VectorOf<T>& x_;
  const MatrixOf<T>& along_;
  bool curved_;
  const Point& point_;
  const std::vector<NormNumbers<T>> norms_;
  BlockState<T> state_;
  double value_ = 0;
  VectorOf<T> gradient_;
  MatrixOf<T> products_;
};

template <Real T>
void add_rows(const Network& network, const MatrixView<T>& rows, const VectorOf<T>& x,
              const MatrixOf<T>& along, const Request& request, const Point& point,
              Evaluation& sum) {
  const Cut tasks{network.data().rows(), rows_per_task};
  const int threads = team_size(tasks.count());
  std::vector<std::unique_ptr<Worker<T>>> workers(static_cast<std::size_t>(threads));
  const auto of = [&](int member) -> auto& { return workers[static_cast<std::size_t>(member)]; };
  ordered_reduce(
      tasks.count(), threads,
      [&](int member) {
        of(member) = std::make_unique<Worker<T>>(network, rows, x, along, request, point);
      },
      [&](int member, Index i) {
        of(member)->add_task(tasks.begin(i), tasks.begin(i) + tasks.size(i));
      },
      [&](int member) { of(member)->hand_over(sum); });
}

BlockParts parts_of(const Request& request) {
  const bool along = request.along.cols() > 0, curved = along && !request.gauss_newton;
  return {.reverse = request.gradient || curved, .curved = curved, .along = along};
}

// Samples of masks go through one direction at a time: what they have in common lies there.
template <Real T>
void add_one_by_one(const Network& network, const MatrixView<T>& rows, const VectorOf<T>& x,
                    const Request& request, Evaluation& sum) {
  for (Index k = 0; k == 0 || k < request.along.cols(); ++k) {
    Request one{.gradient = request.gradient && k == 0, .gauss_newton = request.gauss_newton};
    if (request.along.cols() > 0) one.along = request.along.col(k);
    Evaluation found(x.size(), one);
    add_rows<T>(network, rows, x, one.along.cast<T>(), one, {parts_of(one)}, found);
    if (k == 0) {
      sum.value = found.value;
      sum.gradient = found.gradient;
    }
    if (request.along.cols() > 0) sum.products.col(k) = found.products;
  }
}

// With statistics of the rows, a direction at a time.
template <Real T>
void add_sweeps(const Network& network, const MatrixView<T>& x, const VectorOf<T>& at,
                const Request& request, Evaluation& sum) {
  for (Index k = 0; k == 0 || k < request.along.cols(); ++k) {
    const bool along = request.along.cols() > 0, curved = along && !request.gauss_newton;
    const bool gradient = request.gradient && k == 0;
    Sweeps<T> sweeps(network.architecture(), network.loss(),
                     {.reverse = gradient || curved, .curved = curved, .along = along});
    const VectorOf<T> v = along ? request.along.col(k).cast<T>().eval() : VectorOf<T>();
    with_swept_rows(network, x, [&](const SweptRows<T>& rows) {
      sweeps.evaluate(rows, network.masks(), 0, at.data(), along ? v.data() : nullptr);
    });
    if (k == 0) sum.value = sweeps.value();
    if (gradient) sum.gradient = sweeps.gradient();
    if (along) sum.products.col(k) = sweeps.product();
  }
}

// Products alone keep their point, and find it.
template <Real T>
void add_all(const Network& network, const MatrixView<T>& rows, ConstVectorRef x,
             const Request& request, KeptPoint& kept, Evaluation& sum) {
  const VectorOf<T> at = x.cast<T>();
  if (!network.architecture().barriers().empty())
    return add_sweeps<T>(network, rows, at, request, sum);
  if (network.architecture().has_masks()) return add_one_by_one(network, rows, at, request, sum);
  Point point{parts_of(request)};
  std::unique_lock lock(kept.mutex(), std::defer_lock);
  if (point.parts.along && !request.gradient && lock.try_lock()) {
    const Index blocks = Cut{network.data().rows(), kernels::network_rows}.count();
    const Index bytes = blocks * BlockState<T>(network.architecture(), point.parts).point_bytes();
    const double of_data = static_cast<double>(network.data().rows() * rows.cols) * sizeof(T);
    point.is_known = kept.holds(x, point.parts.curved);
    if (point.is_known)
      point = {kept.parts(), kept.data(), true};
    else if (kept.returns_to(x) && static_cast<double>(bytes) <= std::max(most_kept, of_data))
      point.kept = kept.make_room(bytes);
  }
  add_rows<T>(network, rows, at, request.along.cast<T>(), request, point, sum);
  if (point.is_known) sum.value = kept.value();
  if (point.kept != nullptr && !point.is_known) kept.keep(x, point.parts, sum.value);
}

}  // namespace

Network::Network(Architecture architecture, OutputLoss loss, NetworkData data, Vector l2,
                 Masks masks)
    : architecture_(std::move(architecture)),
      loss_(std::move(loss)),
      data_(std::move(data)),
      l2_(std::move(l2)),
      masks_(masks) {
  require_size("l2", l2_.size(), architecture_.depth());
  require(l2_.allFinite() && l2_.minCoeff() >= 0, "l2", text(l2_.minCoeff()),
          "finite numbers >= 0");
  require(architecture_.width(0) == data_.cols(), "X", std::to_string(data_.cols()) + " columns",
          "as many as the first layer has inputs");
  require(architecture_.width(architecture_.depth()) == loss_.outputs(), "layers",
          std::to_string(architecture_.width(architecture_.depth())) + " units of the last",
          "as many as the loss has outputs");
  require(masks_.samples >= 1, "n_samples", std::to_string(masks_.samples), "an integer >= 1");
  if (!architecture_.has_masks()) masks_.samples = 1;
}

Network Network::batch(const std::vector<Index>& rows) const {
  return {architecture_, loss_, data_.batch(rows), l2_, masks_};
}
Network Network::every(Index step) const {
  return {architecture_, loss_, data_.every(step), l2_, masks_};
}
Network Network::with_masks(Masks masks) const { return {architecture_, loss_, data_, l2_, masks}; }

Network Network::without_masks() const {
  return {architecture_.without_masks(), loss_, data_, l2_, {}};
}
Network Network::fixed(const std::vector<Statistics>& statistics) const {
  return {architecture_.fixed(statistics), loss_, data_, l2_, masks_};
}

std::vector<Statistics> Network::statistics(ConstVectorRef x) const {
  std::vector<Statistics> found;
  std::visit(
      [&]<Real T>(const MatrixView<T>& view) {
        const VectorOf<T> at = x.cast<T>();
        Sweeps<T> sweeps(architecture_, loss_, {});
        with_swept_rows(*this, view,
                        [&](const SweptRows<T>& rows) { sweeps.gather(rows, masks_, at.data()); });
        Index barrier = 0;
        for (const Index l : architecture_.norms()) {
          const Normalization& norm = *architecture_.layer(l).norm;
          found.push_back(norm.fixed ? *norm.fixed : sweeps.statistics(barrier++));
        }
      },
      data_.x().view());
  return found;
}

Evaluation Network::evaluate(ConstVectorRef x, const Request& request) const {
  Evaluation sum(n_parameters(), request);
  std::visit(
      [&]<Real T>(const MatrixView<T>& rows) { add_all<T>(*this, rows, x, request, *kept_, sum); },
      data_.x().view());
  add_penalty(x, request, sum);
  if (request.hessian) whole_hessian(*this, x, request.gauss_newton, sum.hessian);
  return sum;
}

void Network::add_penalty(ConstVectorRef x, const Request& request, Evaluation& sum) const {
  for (Index l = 1; l <= architecture_.depth(); ++l) {
    const double l2 = l2_[l - 1];
    if (l2 == 0) continue;
    const Index at = architecture_.layer(l).weights, size = architecture_.layer(l).biases - at;
    sum.value += 0.5 * l2 * x.segment(at, size).squaredNorm();
    if (sum.gradient.size() > 0) sum.gradient.segment(at, size) += l2 * x.segment(at, size);
    if (sum.products.size() > 0)
      sum.products.middleRows(at, size) += l2 * request.along.middleRows(at, size);
  }
}

}  // namespace hessopt
