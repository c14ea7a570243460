#include "hessopt/networks/sweeps.hpp"

#include <algorithm>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/networks/layout.hpp"

namespace hessopt {
namespace {

constexpr Index task_rows = 4 * kernels::network_rows;
constexpr Index line = 64;

// sum w (u - mean)^2 k is the variance. A row that weighs all has none.
double factor_of(double squares, Index ddof) {
  return squares < 1 ? 1 / (1 - static_cast<double>(ddof) * squares) : 1;
}

}  // namespace

// The sums of a task, and what a thread needs for them.
template <Real T>
class Sweeps<T>::Worker {
 public:
  explicit Worker(const Sweeps& of) : of_(of), state_(of.network_, of.parts_) {
    const Index n = of.network_.n_parameters();
    gradient_.setZero(of.parts_.reverse ? n : 0);
    product_.setZero(of.parts_.along ? n : 0);
  }

  void add_task(const Sweep& sweep, Index begin, Index end) {
    const Scratch scratch(state_.bytes());
    sweep_ = sweep;
    from_ = sweep.from >= 0 ? of_.barriers_[at(sweep.from)].layer : 0;
    to_ = is_last() ? net().depth() : of_.barriers_[at(sweep.to)].layer;
    const Index samples = is_last() ? of_.masks_.samples : of_.barriers_[at(sweep.to)].copies;
    for (; begin < end; begin += kernels::network_rows)
      for (sample_ = 0; sample_ < samples; ++sample_) {
        state_.place(scratch.data());
        block_ = begin / kernels::network_rows;
        add_block(begin, std::min(kernels::network_rows, end - begin));
      }
  }
  void clear(Index units) {
    value_ = 0;
    gradient_.setZero();
    product_.setZero();
    moments_.clear(units);
  }
  void hand_over(Sweeps& sum) {
    if (!sweep_.back && !is_last()) sum.barriers_[at(sweep_.to)].moments.add(moments_);
    sum.value_ += value_;
    if (gradient_.size() > 0) sum.gradient_ += gradient_.template cast<double>();
    if (product_.size() > 0) sum.product_ += product_.template cast<double>();
    clear(moments_.mean.size());
  }

 private:
  static std::size_t at(Index k) { return static_cast<std::size_t>(k); }
  const Architecture& net() const { return of_.network_; }
  bool is_last() const { return sweep_.to == of_.count(); }

  void add_block(Index begin, Index count) {
    of_.rows_->read(begin, count, state_);
    const bool derives =
        is_last() || sweep_.back ? of_.parts_.reverse || of_.parts_.along : of_.parts_.along;
    for (Index l = 1; l < net().depth() && !derives; ++l)
      state_[l].slope = state_[l].bend = nullptr;
    spare_ = state_[to_ - 1].a;
    if (from_ > 0) look_up(sweep_.from);
    if (!is_last()) look_up(sweep_.to);
    BlockPass<T> pass(net(), of_.loss_, of_.masks_, of_.x_, of_.norms_, state_);
    if (from_ <= 1) {
      kernels::networks<T>().transpose(count, net().width(0), state_.row, of_.rows_->col_stride,
                                       state_[0].a);
      if (net().rate(0) > 0) pass.mask(0, sample(), state_[0]);
    }
    if (sweep_.back)
      go_back(pass);
    else if (is_last())
      go_to_loss(pass);
    else
      go_to_barrier(pass);
  }

  Index sample() const { return of_.first_ + sample_; }
  // The layer before the first that is computed.
  Index start() const { return std::max<Index>(from_ - 1, 0); }

  // What is kept of a barrier, in the place of what it is fed with.
  void look_up(Index k) {
    const Barrier& barrier = of_.barriers_[at(k)];
    if (barrier.layer == 1) return;
    state_[barrier.layer - 1].a = kept(barrier, barrier.u);
    if (barrier.ru != nullptr) state_[barrier.layer - 1].ra = kept(barrier, barrier.ru);
  }
  T* kept(const Barrier& barrier, T* all) const {
    const Index blocks = Cut{of_.rows_->count, kernels::network_rows}.count();
    const Index copy = barrier.copies == 1 ? 0 : sample_;
    return all + (copy * blocks + block_) * net().width(barrier.layer) * kernels::network_stride<T>;
  }

  void go_to_barrier(BlockPass<T>& pass) {
    pass.forward_masked(start(), to_ - 1, sample());
    if (of_.v_ != nullptr) pass.forward_along(of_.v_, start(), to_ - 1);
    moments_.add_block(state_, state_[to_ - 1].a, state_[to_ - 1].ra);
  }

  void go_to_loss(BlockPass<T>& pass) {
    const Index last = net().depth();
    pass.forward_masked(start(), last, sample());
    value_ += pass.evaluate_loss();
    if (of_.v_ != nullptr) {
      pass.forward_along(of_.v_, start(), last);
      pass.loss_along();
    }
    reverse(pass, last, from_, last);
  }

  void go_back(BlockPass<T>& pass) {
    const Index last = to_ - 1;
    const Barrier& barrier = of_.barriers_[at(sweep_.to)];
    if (of_.parts_.reverse) state_[to_].d = kept(barrier, barrier.d);
    if (of_.parts_.along) state_[to_].rd = kept(barrier, barrier.rd);
    pass.normalize(to_);
    if (of_.v_ != nullptr) pass.normalize_along(to_);
    // Of a dense layer without activation, as stands before most barriers, z is not needed again.
    const bool is_idle = last > from_ && net().layer(last).activation == "identity";
    const Index needed = is_idle ? last - 1 : last;
    pass.forward_masked(start(), needed, sample());
    if (of_.v_ != nullptr) pass.forward_along(of_.v_, start(), needed);
    if (is_idle) forward_slope(pass, last);
    reverse(pass, to_, std::max<Index>(from_, 1), last);
  }

  // Its slope, and nothing that changes what is kept.
  void forward_slope(BlockPass<T>& pass, Index l) {
    T* const u = std::exchange(state_[l].a, spare_);
    pass.forward_slope(l, sample());
    state_[l].a = u;
    if (of_.v_ != nullptr)
      std::fill_n(state_[l].rz, net().width(l) * kernels::network_stride<T>, T{0});
  }

  // d_l of layers last > l >= first, with gradients and products of layers first .. top.
  void reverse(BlockPass<T>& pass, Index last, Index first, Index top) {
    if (of_.parts_.reverse) {
      T* const sum = first == from_ ? d_of_samples(state_[first].d, &Barrier::d) : nullptr;
      pass.reverse(last, first);
      pass.add_gradients(first, top, gradient_.data());
      add_sample(first, state_[first].d, sum);
    }
    if (of_.v_ != nullptr) {
      T* const sum = first == from_ ? d_of_samples(state_[first].rd, &Barrier::rd) : nullptr;
      pass.reverse_along(of_.v_, of_.parts_.curved, last, first);
      pass.add_products(of_.parts_.curved, first, top, product_.data());
      add_sample(first, state_[first].rd, sum);
    }
  }
  // Has a d that is kept written where it is to be; of further samples of one copy, added there.
  T* d_of_samples(T*& d, T* Barrier::* all) {
    const Barrier& barrier = of_.barriers_[at(sweep_.from)];
    if (barrier.*all == nullptr) return nullptr;
    T* const place = kept(barrier, barrier.*all);
    if (barrier.copies == 1 && sample_ > 0) return place;
    d = place;
    return nullptr;
  }
  void add_sample(Index l, const T* d, T* sum) {
    if (sum != nullptr) kernels::networks<T>().add(state_.rows, net().width(l), d, sum);
  }

  const Sweeps& of_;
  BlockState<T> state_;
  Sweep sweep_;
  Index from_ = 0, to_ = 0;  // layers
  Index block_ = 0, sample_ = 0;
  T* spare_ = nullptr;  // room for a column, beside what is kept
  double value_ = 0;
  VectorOf<T> gradient_, product_;
  Moments moments_;
};

template <Real T>
Sweeps<T>::Sweeps(const Architecture& network, const OutputLoss& loss, BlockParts parts)
    : network_(network), loss_(loss), parts_(parts) {
  for (const Index l : network.barriers()) barriers_.push_back({.layer = l});
}
template <Real T>
Sweeps<T>::~Sweeps() = default;

template <Real T>
void Sweeps<T>::evaluate(const SweptRows<T>& rows, const Masks& masks, Index first, const T* x,
                         const T* v) {
  begin(rows, masks, first, x, v);
  for (Index k = 0; k < count(); ++k) {
    run({false, k - 1, k});
    go_on(k);
  }
  run({false, count() - 1, count()});
  if (!parts_.reverse && !parts_.along) return;
  for (Index k = count() - 1; k >= 0; --k) {
    go_back(k);
    if (barriers_[static_cast<std::size_t>(k)].layer > 1) run({true, k - 1, k});
  }
}

template <Real T>
void Sweeps<T>::gather(const SweptRows<T>& rows, const Masks& masks, const T* x) {
  begin(rows, masks, 0, x, nullptr);
  for (Index k = 0; k < count(); ++k) {
    run({false, k - 1, k});
    go_on(k);
  }
}

template <Real T>
Statistics Sweeps<T>::statistics(Index k, Index ddof) const {
  const Moments& moments = barriers_[static_cast<std::size_t>(k)].moments;
  return {moments.mean, factor_of(rows_squares_, ddof) / moments.weight * moments.squares};
}

template <Real T>
void Sweeps<T>::begin(const SweptRows<T>& rows, const Masks& masks, Index first, const T* x,
                      const T* v) {
  rows_ = &rows, rows_squares_ = rows.squares;
  masks_ = masks, first_ = first, x_ = x, v_ = v;
  norms_ = norm_numbers(network_, x);
  value_ = 0;
  gradient_.setZero(parts_.reverse ? network_.n_parameters() : 0);
  product_.setZero(parts_.along ? network_.n_parameters() : 0);
  for (Barrier& barrier : barriers_) {
    barrier.copies = barrier.layer <= network_.first_masked() ? 1 : masks.samples;
    barrier.moments.clear(network_.width(barrier.layer));
    barrier.factor = factor_of(rows.squares, network_.layer(barrier.layer).norm->ddof);
  }
  make_room();
}

template <Real T>
void Sweeps<T>::make_room() {
  const Index size = lay_out(nullptr) + line;
  if (size > size_) {
    memory_.reset();
    memory_ = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(size));
    size_ = size;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
  lay_out(memory_.get() + (line - address % line) % line);
}

template <Real T>
Index Sweeps<T>::lay_out(char* start) {
  Layout layout(start);
  const Index blocks = Cut{rows_->count, kernels::network_rows}.count();
  for (Barrier& barrier : barriers_) {
    const Index size =
        blocks * barrier.copies * network_.width(barrier.layer) * kernels::network_stride<T>;
    const auto take = [&](T*& array, bool wanted) {
      array = nullptr;
      if (wanted) layout.take(array, size);
    };
    const bool is_inner = barrier.layer > 1;  // of inputs, which are read again, nothing is kept
    take(barrier.u, is_inner);
    take(barrier.ru, is_inner && parts_.along);
    take(barrier.d, is_inner && parts_.reverse);
    take(barrier.rd, is_inner && parts_.along);
  }
  return layout.used();
}

template <Real T>
void Sweeps<T>::run(const Sweep& sweep) {
  const Cut tasks{rows_->count, task_rows};
  const int threads = team_size(tasks.count());
  const Index units =
      sweep.to < count() ? network_.width(barriers_[static_cast<std::size_t>(sweep.to)].layer) : 0;
  while (std::ssize(workers_) < threads) workers_.push_back(std::make_unique<Worker>(*this));
  const auto of = [&](int member) -> Worker& {
    return *workers_[static_cast<std::size_t>(member)];
  };
  ordered_reduce(
      tasks.count(), threads, [&](int member) { of(member).clear(units); },
      [&](int member, Index i) {
        of(member).add_task(sweep, tasks.begin(i), tasks.begin(i) + tasks.size(i));
      },
      [&](int member) { of(member).hand_over(*this); });
}

template <Real T>
void Sweeps<T>::go_on(Index k) {
  const Barrier& barrier = barriers_[static_cast<std::size_t>(k)];
  NormNumbers<T>& at = norms_[static_cast<std::size_t>(barrier.layer)];
  const Statistics found = statistics(k);
  at.set(layer(k), x_, found);
  if (v_ == nullptr) return;
  const auto scale = (found.variance.array() + layer(k).norm->eps).inverse();  // s^2
  at.moved = barrier.moments.moved.template cast<T>();
  at.turn = (-barrier.factor / barrier.moments.weight * scale * barrier.moments.comoments.array())
                .template cast<T>();
}

template <Real T>
void Sweeps<T>::go_back(Index k) {
  const Barrier& barrier = barriers_[static_cast<std::size_t>(k)];
  const Layer& of = layer(k);
  NormNumbers<T>& at = norms_[static_cast<std::size_t>(barrier.layer)];
  const auto part = [&](const auto& v, Index begin) {
    return v.segment(begin, of.units).template cast<double>().array();
  };
  const auto parameters = [&](const T* v) {
    return Eigen::Map<const VectorOf<T>>(v, network_.n_parameters());
  };
  const Array s = (statistics(k).variance.array() + of.norm->eps).sqrt().inverse();
  const double share = -1 / static_cast<double>(barrier.copies);
  const Array gamma = part(parameters(x_), of.weights);
  if (parts_.reverse) {
    at.shift = (share * s * gamma * part(gradient_, of.biases)).matrix().template cast<T>();
    at.tilt = (share * barrier.factor * s * gamma * part(gradient_, of.weights))
                  .matrix()
                  .template cast<T>();
  }
  if (!parts_.along) return;
  Array sum = gamma * part(product_, of.biases), tilted = gamma * part(product_, of.weights);
  if (parts_.curved) {
    const Array rgamma = part(parameters(v_), of.weights);
    sum += rgamma * part(gradient_, of.biases);
    tilted += rgamma * part(gradient_, of.weights);
  }
  at.shift_along = (share * s * sum).matrix().template cast<T>();
  at.tilt_along = (share * barrier.factor * s * tilted).matrix().template cast<T>();
}

template class Sweeps<float>;
template class Sweeps<double>;

}  // namespace hessopt
