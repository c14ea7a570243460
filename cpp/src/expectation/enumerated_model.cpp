#include "hessopt/expectation/enumerated_model.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/mask_sums.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/objectives/probabilities.hpp"

namespace hessopt {
namespace detail {

// What a loss says at the masks of a block, a column per output, weighted by their probabilities.
// The second derivative is sum over pairs (k, l) of (e_k - e_l)(e_k - e_l)' times a number, of
// which `second` has a column per pair; with one output there is e_0 e_0' alone.
struct AtMasks {
  Probabilities pi;  // the predictors, at first
  Matrix first, second;
  Array target;  // the same everywhere

  AtMasks(Index masks, Index outputs) {
    pi.make_room(masks, outputs);
    first = pi.each;
    second.resize(first.rows(), outputs == 1 ? 1 : outputs * (outputs - 1) / 2);
    target.resize(first.rows());
  }
};

// The loss of one output.
double add_up(const AnyLoss& loss, Index size, RowWeights w, AtMasks& at) {
  return loss
      .add_up(size, at.pi.each.data(), at.target.data(), w, at.first.data(), at.second.data())
      .value;
}

double add_up_softmax(Index size, RowWeights w, AtMasks& at) {
  const kernels::SoftmaxRows masks = at.pi.some(0, size);
  const double value = kernels::softmax().evaluate(masks, at.target.data(), w, at.first.data(),
                                                   at.first.rows(), nullptr);
  Index pair = 0;
  for (Index k = 0; k < at.first.cols(); ++k)
    for (Index l = 0; l < k; ++l)
      kernels::softmax().weights_of(masks, w, k, l, &at.second(0, pair++));
  return value;
}

}  // namespace detail

// The sums over the masks of one row after the other.
class EnumeratedModel::Work {
 public:
  Evaluation partial;

  Work(const EnumeratedModel& model, ConstVectorRef x, const Request& request)
      : partial(model.n_parameters(), request),
        model_(model),
        x_(x),
        request_(request),
        at_(MaskBlocks{model.data_.rows.cols()}.size(), model.outputs_),
        low_(at_.pi.each),
        probability_(low_.rows()) {}

  void add_row(Index i) {
    const double weight = model_.data_.weights(i, 1)[0];
    if (weight == 0) return;
    start_row(i);
    for (Index block = 0; block < blocks_.count(); ++block) {
      if (block % 64 == 0) poll_interrupt();
      const double all =
          weight * mask_probability(model_.keep_, blocks_.units - blocks_.low(), block);
      for (Index k = 0; k < model_.outputs_; ++k)
        kernels::sums().shift(blocks_.size(), &low_(0, k),
                              sum_of_units(&shares_(0, k) + blocks_.low(), block),
                              &at_.pi.each(0, k));
      const RowWeights weights{probability_.data(), all};
      partial.value += model_.loss_ ? detail::add_up(*model_.loss_, blocks_.size(), weights, at_)
                                    : detail::add_up_softmax(blocks_.size(), weights, at_);
      fold_block(block);
    }
    finish_row();
  }

 private:
  void start_row(Index i) {
    const Index p = model_.data_.rows.cols();
    const Block row = model_.data_.rows.block(i, 1, 0, model_.data_.intercept, buffer_);
    const RowBlock<double> x = row.wide(wide_);
    inputs_.clear();
    for (Index j = 0; j < p; ++j)
      if (x(0, j) != 0) inputs_.push_back(j);
    const auto n = static_cast<Index>(inputs_.size());
    blocks_ = {n};
    scale_.resize(n + 1);
    for (Index j = 0; j < n; ++j) scale_[j] = x(0, inputs_[place(j)]) / model_.keep_;
    scale_[n] = 1;
    shares_.resize(n + 1, model_.outputs_);
    for (Index k = 0; k < model_.outputs_; ++k) {
      double start = model_.data_.intercept ? x_[parameter(k, n)] : 0;
      if (model_.data_.offset.size() > 0) start += model_.data_.offset(i, k);
      for (Index j = 0; j < n; ++j) shares_(j, k) = scale_[j] * x_[parameter(k, j)];
      kernels::sums().units(start, &shares_(0, k), blocks_.low(), &low_(0, k));
    }
    kernels::sums().probabilities(model_.keep_, blocks_.low(), probability_.data());
    at_.target.setConstant(model_.data_.target[i]);
    first_ = Matrix::Zero(n + 1, at_.first.cols());
    second_.assign(static_cast<std::size_t>(at_.second.cols()), RowMatrix::Zero(n + 1, n + 1));
  }

  void fold_block(Index block) {
    if (request_.gradient)
      for (Index k = 0; k < first_.cols(); ++k)
        sums_.add_units(blocks_, block, &at_.first(0, k), first_.col(k));
    if (request_.hessian)
      for (Index q = 0; q < at_.second.cols(); ++q)
        sums_.add_pairs(blocks_, block, &at_.second(0, q), second_[place(q)]);
  }

  // From sums over masks to derivatives in the parameters.
  void finish_row() {
    const Index n = blocks_.units, last = model_.data_.intercept ? n : n - 1;
    if (request_.gradient)
      for (Index k = 0; k < first_.cols(); ++k)
        for (Index j = 0; j <= last; ++j)
          partial.gradient[parameter(k, j)] += scale_[j] * first_(j, k);
    if (!request_.hessian) return;
    for (Index j = 0; j <= last; ++j)
      for (Index l = 0; l <= j; ++l) add_pairs(j, l, scale_[j] * scale_[l]);
  }
  void add_pairs(Index j, Index l, double scale) {
    MatrixRef h = partial.hessian;
    const auto add = [&](Index k, Index m, double value) {
      h(parameter(k, j), parameter(m, l)) += value;
      if (j != l && k != m) h(parameter(k, l), parameter(m, j)) += value;
    };
    if (model_.outputs_ == 1) return add(0, 0, scale * second_[0](j, l));
    Index pair = 0;
    for (Index k = 0; k < model_.outputs_; ++k)
      for (Index m = 0; m < k; ++m) {
        const double value = scale * second_[place(pair++)](j, l);
        add(k, k, value);
        add(m, m, value);
        add(k, m, -value);
      }
  }

  // Of unit j for output k; unit n is the intercept.
  Index parameter(Index k, Index j) const {
    const Index input = j == blocks_.units ? model_.data_.rows.cols() : inputs_[place(j)];
    return k * model_.data_.n_parameters_per_output() + input;
  }
  static std::size_t place(Index i) { return static_cast<std::size_t>(i); }

  const EnumeratedModel& model_;
  Vector x_;
  Request request_;
  RowBuffer buffer_;
  RowMatrix wide_;
  // Of a row: its inputs that are not zero, their factors of a parameter and of the predictors.
  MaskBlocks blocks_{0};
  std::vector<Index> inputs_;
  Vector scale_;
  Matrix shares_, first_;
  std::vector<RowMatrix> second_;
  // Of a block.
  detail::AtMasks at_;
  Matrix low_;
  Array probability_;
  MaskSums sums_;
};

EnumeratedModel::EnumeratedModel(const LinearModel& model, double keep)
    : EnumeratedModel(model.data(), model.loss(), 1, keep) {}

EnumeratedModel::EnumeratedModel(const SoftmaxModel& model, double keep)
    : EnumeratedModel(model.data(), std::nullopt, model.n_classes(), keep) {}

EnumeratedModel::EnumeratedModel(const Data& data, std::optional<AnyLoss> loss, Index outputs,
                                 double keep)
    : data_(data.with_rows(data.rows.clean())),
      loss_(std::move(loss)),
      outputs_(outputs),
      keep_(keep) {
  const Index rows = data_.rows.rows(), cols = data_.rows.cols();
  if (cols > most_columns || rows > most_masks >> cols)
    throw ArgumentError(
        "method", "'exact' for " + std::to_string(rows) + " x " + std::to_string(cols) + " inputs",
        "at most " + std::to_string(most_columns) +
            " columns and 2**31 masks of all rows together; or take another method");
}

Evaluation EnumeratedModel::evaluate(ConstVectorRef x, const Request& request) const {
  Request wanted{.gradient = request.gradient,
                 .hessian = request.hessian || request.along.cols() > 0};
  const Index n = n_parameters();
  const Cut tasks{data_.rows.rows(), std::max<Index>(1, (n * n + 16384) >> data_.rows.cols())};
  Evaluation sum(n, wanted);
  ordered_reduce(
      tasks.count(), [&] { return Work(*this, x, wanted); },
      [&](Work& work, Index t) {
        for (Index i = tasks.begin(t); i < tasks.begin(t) + tasks.size(t); ++i) work.add_row(i);
      },
      [&](Work& work) {
        sum += work.partial;
        work.partial.clear();
      });
  Evaluation out(n, request);
  out.value = sum.value;
  if (request.gradient) out.gradient = sum.gradient;
  if (request.along.cols() > 0)
    out.products = sum.hessian.selfadjointView<Eigen::Lower>() * request.along;
  if (request.hessian) out.hessian = std::move(sum.hessian);
  out.finish(data_.penalty(), x, request);
  return out;
}

}  // namespace hessopt
