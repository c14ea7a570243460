// Multi-class logistic regression: the weighted mean of log sum_k e^{eta_k} - eta_y plus a ridge
// penalty, where eta_k = x'w_k + b_k. Parameters class by class, each (w_k, b_k).
//
// With pi = softmax(eta), the derivatives in eta are pi - e_y and diag(pi) - pi pi'. The Hessian is
//   diag over k of X'diag(weight pi_k)X  -  S'diag(weight)S,   row i of S = (pi_i1 x_i, pi_i2 x_i,
//   ...).
#pragma once

#include <utility>

#include "hessopt/objectives/data.hpp"

namespace hessopt {

template <RowSource Rows = DenseRows>
class SoftmaxModel : public EvaluatedObjective<SoftmaxModel<Rows>> {
 public:
  SoftmaxModel(Data<Rows> data, Index n_classes) : data_(std::move(data)), classes_(n_classes) {
    require(n_classes >= 2, "y", std::to_string(n_classes) + " class(es)", "at least 2 classes");
    for (const double y : data_.target)
      if (!(y >= 0 && y < static_cast<double>(classes_) && y == std::floor(y)))
        throw ArgumentError("y", "the target " + text(y), "integer labels 0 .. n_classes - 1");
    if (data_.offset.size() > 0) require_size("offset", data_.offset.cols(), classes_);
  }

  const Data<Rows>& data() const { return data_; }
  template <RowSource Other>
  SoftmaxModel<Other> with_data(Data<Other> data) const {
    return {std::move(data), classes_};
  }
  Index n_classes() const { return classes_; }
  Index n_parameters() const { return classes_ * data_.n_parameters_per_output(); }
  SoftmaxModel every(Index step) const { return {data_.every(step), classes_}; }
  // Of a Hessian in single precision, in evaluations of value and gradient.
  double hessian_cost() const { return 1 + static_cast<double>(n_parameters()) / 20; }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    // The Hessian holds a block of S beside the rows.
    const Index cols = data_.rows.cols();
    const Index step = rows_per_block(request.hessian ? n_parameters() : cols);
    Evaluation sum =
        sum_over_rows(data_.rows, data_.intercept, step, Evaluation(n_parameters(), request),
                      [&](Evaluation& partial, const AffineRows& rows, Index begin) {
                        add_rows(partial, rows, begin, x, request);
                      });
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  void add_rows(Evaluation& partial, const AffineRows& rows, Index begin, ConstVectorRef x,
                const Request& request) const {
    thread_local RowMatrix pi, change;
    const Index count = rows.rows();
    const Array weight = data_.weights(begin, count);
    rows.predict(by_class(x), pi);
    if (data_.offset.size() > 0) pi += data_.offset.middleRows(begin, count);
    for (Index i = 0; i < count; ++i) partial.value -= weight[i] * pi(i, label(begin + i));
    partial.value += (weight * softmax_in_place(pi)).sum();

    if (request.gradient) {
      change = pi;
      for (Index i = 0; i < count; ++i) change(i, label(begin + i)) -= 1.0;
      change.array().colwise() *= weight;
      rows.add_transposed(change, sums_by_class(partial.gradient));
    }
    for (Index k = 0; k < request.along.cols(); ++k) {
      rows.predict(by_class(request.along.col(k)), change);
      change.array() *= pi.array();
      const Vector mean = change.rowwise().sum();
      change -= mean.asDiagonal() * pi;
      change.array().colwise() *= weight;
      rows.add_transposed(change, sums_by_class(partial.products.col(k)));
    }
    if (request.hessian) add_hessian(partial.hessian, rows, weight, pi, request.single_precision);
  }

  void add_hessian(MatrixRef h, const AffineRows& rows, const Array& weight, const RowMatrix& pi,
                   bool single_precision) const {
    const Index n = n_parameters(), per_class = data_.n_parameters_per_output();
    thread_local RowMatrix scaled;  // S
    scaled.resize(rows.rows(), n);
    for (Index k = 0; k < classes_; ++k) {
      auto s = scaled.middleCols(k * per_class, per_class);
      s.leftCols(rows.x.cols()).noalias() = pi.col(k).asDiagonal() * rows.x;
      if (rows.intercept) s.rightCols(1) = pi.col(k);
      const Array w = weight * pi.col(k).array();
      rows.add_gram(w.data(), single_precision,
                    h.block(k * per_class, k * per_class, per_class, per_class));
    }
    const Array minus = -weight;
    if (single_precision)
      add_weighted_gram<float>(block_of(scaled), minus.data(), h);
    else
      add_weighted_gram<double>(block_of(scaled), minus.data(), h);
  }

  // A parameter vector as a matrix with a column per class.
  Eigen::Map<const Matrix> by_class(ConstVectorRef x) const {
    return Eigen::Map<const Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  MatrixRef sums_by_class(VectorRef x) const {
    return Eigen::Map<Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  Index label(Index row) const { return static_cast<Index>(data_.target[row]); }

  // Rows of eta become probabilities; returns log sum_k e^{eta_k}, the largest taken out first.
  static Array softmax_in_place(RowMatrix& eta) {
    const Array largest = eta.rowwise().maxCoeff();
    eta.array().colwise() -= largest;
    eta = eta.array().exp();
    const Array sum = eta.rowwise().sum();
    eta.array().colwise() /= sum;
    return largest + sum.log();
  }

  Data<Rows> data_;
  Index classes_;
};

}  // namespace hessopt
