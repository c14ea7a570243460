// The weighted mean of a pointwise loss of a linear predictor, plus a ridge penalty:
//   f(w, b) = sum_i weight_i l(x_i'w + b + offset_i, y_i) + sum_j l2_j w_j^2 / 2,
// parameters (w, b), b last.
#pragma once

#include <utility>

#include "hessopt/objectives/column_moments.hpp"
#include "hessopt/objectives/data.hpp"

namespace hessopt {

template <RowSource Rows = DenseRows>
class LinearModel : public EvaluatedObjective<LinearModel<Rows>> {
 public:
  LinearModel(AnyLoss loss, Data<Rows> data) : loss_(std::move(loss)), data_(std::move(data)) {
    for (const double y : data_.target)
      if (!loss_.accepts(y)) throw ArgumentError("y", "the target " + text(y), loss_.target());
    if (data_.offset.size() > 0) require_size("offset", data_.offset.cols(), 1);
  }

  const AnyLoss& loss() const { return loss_; }
  const Data<Rows>& data() const { return data_; }
  template <RowSource Other>
  LinearModel<Other> with_data(Data<Other> data) const {
    return {loss_, std::move(data)};
  }
  Index n_parameters() const { return data_.n_parameters_per_output(); }
  LinearModel every(Index step) const { return {loss_, data_.every(step)}; }
  const ColumnMoments& column_moments() const { return moments_.of(data_); }
  // Of a Hessian in single precision, in evaluations of value and gradient: these wait for memory,
  // that for multiply-adds. Measured with AVX2: 3 at 50 columns, 9 at 300, 30 at 1000.
  double hessian_cost() const { return 1 + static_cast<double>(n_parameters()) / 30; }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    Evaluation zero(n_parameters(), request);
    if (request.residual) zero.residual.resize(1);
    Evaluation sum = sum_over_rows(data_.rows, data_.intercept, block_rows(request), zero,
                                   [&](Evaluation& partial, const AffineRows& block, Index begin) {
                                     add_block(partial, block, begin, x, request);
                                   });
    if (request.single_precision && !sum.hessian.allFinite()) {  // X is beyond its range
      Request wide = request;
      wide.single_precision = false;
      return evaluate(x, wide);
    }
    sum.finish(data_.penalty(), x, request);
    return sum;
  }
  Index block_rows(const Request& request) const {
    const Index cols = data_.rows.cols();
    return request.hessian ? rows_per_gram_block(cols) : rows_per_block(cols);
  }
  // What the rows from `begin` on add, of the Hessian the lower triangle.
  void add_block(Evaluation& partial, const AffineRows& block, Index begin, ConstVectorRef x,
                 const Request& request) const {
    thread_local Array curvature;
    const Index room = block.rows() + chunk_rows;
    if (curvature.size() < room) curvature.resize(room);
    add_slices(partial, block, begin, x, request, curvature.data());
    thread_local RowMatrix shifted;
    if (request.hessian)
      block.about(request.origin, shifted)
          .add_gram(curvature.data(), request.single_precision, partial.hessian);
  }
  void complete(Matrix& /*hessian*/) const {}
  // Of every row, the derivative of its loss in the predictor.
  Matrix slopes(ConstVectorRef x) const {
    Matrix out(data_.rows.rows(), 1);
    for_each_block(data_.rows, data_.intercept, [&](const AffineRows& rows, Index begin) {
      const Index count = rows.rows();
      Array eta(count + chunk_rows), first(eta.size()), second(eta.size());
      rows.predict(x, eta.data(), data_.offsets(begin));
      loss_.add_up(count, eta.data(), data_.target.data() + begin, {}, first.data(), second.data());
      out.col(0).segment(begin, count) = first.head(count);
    });
    return out;
  }

 private:
  // All but the Hessian, for which the second derivatives are left in `curvature`.
  void add_slices(Evaluation& partial, const AffineRows& block, Index begin, ConstVectorRef x,
                  const Request& request, double* curvature) const {
    const Cut slices{block.rows(), rows_per_slice(data_.rows.cols())};
    alignas(64) double eta[most_rows_per_slice + chunk_rows];
    alignas(64) double first[most_rows_per_slice + chunk_rows];
    for (Index s = 0; s < slices.count(); ++s) {
      const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
      const AffineRows rows = block.middle(at, count);
      rows.predict(x, eta, data_.offsets(row));
      double* second = curvature + at;
      const LossSums sums =
          loss_.add_up(count, eta, data_.target.data() + row, data_.weights(row), first, second);
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

  AnyLoss loss_;
  Data<Rows> data_;
  KnownMoments moments_;
};

}  // namespace hessopt
