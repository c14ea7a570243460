#include "hessopt/objectives/linear_model.hpp"

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {

LinearModel::LinearModel(AnyLoss loss, Data data)
    : ModelOfRows(std::move(data)), loss_(std::move(loss)) {
  for (const double y : this->data().target)
    if (!loss_.accepts(y)) throw ArgumentError("y", "the target " + text(y), loss_.target());
  if (this->data().offset.size() > 0) require_size("offset", this->data().offset.cols(), 1);
}

Index LinearModel::block_rows(const Request& request) const {
  if (is_sparse(data().rows)) return rows_per_block(data().rows.numbers_a_row());
  const Index cols = data().rows.cols();
  return request.hessian ? rows_per_gram_block(cols) : rows_per_block(cols);
}

void LinearModel::add_block(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                            const Request& request) const {
  thread_local Array curvature;
  const Index room = block.rows() + chunk_rows;
  if (curvature.size() < room) curvature.resize(room);
  add_slices(partial, block, begin, x, request, curvature.data());
  thread_local RowMatrix shifted;
  if (request.hessian)
    block.about(request.origin, shifted).add_gram(curvature.data(), request.rough, partial.hessian);
}

void LinearModel::add_whole(Evaluation& sum, const WholeRows& rows, ConstVectorRef x,
                            const Request& request) const {
  const Index n = rows.rows(), room = n + chunk_rows;
  const bool intercept = data().intercept;
  const std::unique_lock lock(found_->mutex, std::try_to_lock);
  Found alone;
  Found& found = lock ? *found_ : alone;
  const bool is_known =
      found.x.size() == x.size() && found.x == x && !request.gradient && !request.residual;
  if (!is_known) found.x.resize(0);
  Array first(is_known ? 0 : room);
  Array& second = found.second;
  second.resize(room);
  Matrix along(room, request.along.cols());
  add_values(sum, [&](Evaluation& partial, const Block& block, Index begin) {
    const Index count = block.rows();
    if (!is_known) {
      thread_local Array eta;
      if (eta.size() < count + chunk_rows) eta.resize(count + chunk_rows);
      block.predict(x, eta.data(), data().offsets(begin));
      const LossSums sums = loss_.add_up(count, eta.data(), data().target.data() + begin,
                                         data().weights(begin), &first[begin], &second[begin]);
      partial.value += sums.value;
      if (!partial.residual.empty()) partial.residual[0] += sums.residual;
    }
    for (Index k = 0; k < along.cols(); ++k) {
      block.predict(request.along.col(k), &along(begin, k));
      kernels::losses().multiply(count, &second[begin], &along(begin, k));
    }
  });
  if (is_known) {
    sum.value = found.value;
  } else {
    found.value = sum.value;
    found.x = x;
  }
  if (request.gradient) add_transposed(rows, intercept, first.data(), sum.gradient);
  for (Index k = 0; k < along.cols(); ++k)
    add_transposed(rows, intercept, &along(0, k), sum.products.col(k));
  if (request.hessian) add_gram(rows, intercept, second.data(), request.origin, sum.hessian);
}

double LinearModel::hessian_cost() const {
  if (const auto* rows = sparse_part(data().rows)) return 1 + cost_of_gram(*rows);
  return 1 + static_cast<double>(n_parameters()) / 30;
}

Matrix LinearModel::slopes(ConstVectorRef x) const {
  Matrix out(data().rows.rows(), 1);
  for_each_block(data().rows, data().intercept, [&](const Block& rows, Index begin) {
    const Index count = rows.rows();
    Array eta(count + chunk_rows), first(eta.size()), second(eta.size());
    rows.predict(x, eta.data(), data().offsets(begin));
    loss_.add_up(count, eta.data(), data().target.data() + begin, {}, first.data(), second.data());
    out.col(0).segment(begin, count) = first.head(count);
  });
  return out;
}

RowDerivatives LinearModel::row_derivatives(ConstVectorRef x) const {
  const Index n = data().rows.rows();
  RowDerivatives out{Array(n), Array(n)};
  for_each_block(data().rows, data().intercept, [&](const Block& rows, Index begin) {
    const Index count = rows.rows();
    Array eta(count + chunk_rows), first(eta.size()), second(eta.size());
    rows.predict(x, eta.data(), data().offsets(begin));
    loss_.add_up(count, eta.data(), data().target.data() + begin, data().weights(begin),
                 first.data(), second.data());
    out.first.segment(begin, count) = first.head(count);
    out.second.segment(begin, count) = second.head(count);
  });
  return out;
}

// All but the Hessian, for which the second derivatives are left in `curvature`.
void LinearModel::add_slices(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                             const Request& request, double* curvature) const {
  const Cut slices{block.rows(),
                   block.is_sparse() ? most_rows_per_slice : rows_per_slice(block.cols())};
  alignas(64) double eta[most_rows_per_slice + chunk_rows];
  alignas(64) double first[most_rows_per_slice + chunk_rows];
  for (Index s = 0; s < slices.count(); ++s) {
    const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
    const Block rows = block.middle(at, count);
    rows.predict(x, eta, data().offsets(row));
    double* second = curvature + at;
    const LossSums sums =
        loss_.add_up(count, eta, data().target.data() + row, data().weights(row), first, second);
    partial.value += sums.value;
    if (!partial.residual.empty()) partial.residual[0] += sums.residual;

    if (request.gradient) rows.add_transposed(first, partial.gradient);
    for (Index k = 0; k < request.along.cols(); ++k) {
      rows.predict(request.along.col(k), eta);
      kernels::losses().multiply(count, second, eta);
      rows.add_transposed(eta, partial.products.col(k));
    }
  }
}

}  // namespace hessopt
