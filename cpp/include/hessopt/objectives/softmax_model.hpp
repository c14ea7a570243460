// Multi-class logistic regression: the weighted mean of log sum_k e^{eta_k} - eta_y plus a ridge
// penalty, where eta_k = x'w_k + b_k. Parameters class by class, each (w_k, b_k).
//
// With pi = softmax(eta), the derivatives in eta are pi - e_y and diag(pi) - pi pi'. As the
// probabilities sum to one, so do the blocks of the Hessian to zero,
//   H_kj = -X'diag(weight pi_k pi_j)X,   H_kk = -sum of H_kj over j other than k,
// which takes no difference of numbers that are nearly the same, however certain a class is.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "hessopt/objectives/data.hpp"

namespace hessopt {

namespace detail {

// Probabilities of rows of classes, and the difference to one of the largest, to all its digits.
struct Probabilities {
  RowMatrix each;
  std::vector<Index> top;  // class of the largest
  Array rest;              // the sum of the others

  // `each` holds predictors and becomes their softmax. Returns log sum_k e^{eta_k - eta_y}.
  Array from_predictors(const Eigen::Ref<const Array>& labels) {
    const Index count = each.rows();
    Array loss(count);
    top.resize(count);
    rest.resize(count);
    for (Index i = 0; i < count; ++i) {
      double* eta = &each(i, 0);
      const double of_label = eta[static_cast<Index>(labels[i])];
      top[i] = std::max_element(eta, eta + each.cols()) - eta;
      const double largest = eta[top[i]];
      loss[i] = largest - of_label;
      for (Index k = 0; k < each.cols(); ++k) eta[k] -= largest;
    }
    each = each.array().exp();
    for (Index i = 0; i < count; ++i) {
      double* e = &each(i, 0);
      e[top[i]] = 0;
      double others = 0;
      for (Index k = 0; k < each.cols(); ++k) others += e[k];
      e[top[i]] = 1;
      const double scale = 1.0 / (1.0 + others);
      for (Index k = 0; k < each.cols(); ++k) e[k] *= scale;
      rest[i] = others;
    }
    loss += rest.log1p();
    rest /= 1.0 + rest;
    return loss;
  }

  // Rows v become (diag(pi) - pi pi') v, which does not change with a number added to all of v:
  // counted from the top class, the mean holds no term that outweighs the others.
  void multiply_by_curvature(RowMatrix& v) const {
    for (Index i = 0; i < v.rows(); ++i) {
      double* change = &v(i, 0);
      const double *pi = &each(i, 0), of_top = change[top[i]];
      double mean = 0;
      for (Index k = 0; k < v.cols(); ++k) mean += pi[k] * (change[k] -= of_top);
      for (Index k = 0; k < v.cols(); ++k) change[k] = pi[k] * (change[k] - mean);
    }
  }
};

}  // namespace detail

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
    Evaluation sum =
        sum_over_rows(data_.rows, data_.intercept, rows_per_block(data_.rows.cols()),
                      Evaluation(n_parameters(), request),
                      [&](Evaluation& partial, const AffineRows& block, Index begin) {
                        thread_local Matrix pi;  // a column per class
                        make_room(pi, block.rows());
                        add_slices(partial, block, begin, x, request, pi);
                        if (request.hessian)
                          add_blocks(partial.hessian, block, begin, pi, request.single_precision);
                      });
    if (request.hessian) spread_blocks(sum.hessian);
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  // All but the Hessian, for which the probabilities are left in `pi`.
  void add_slices(Evaluation& partial, const AffineRows& block, Index begin, ConstVectorRef x,
                  const Request& request, Matrix& pi) const {
    thread_local Matrix change;
    make_room(change, most_rows_per_slice);
    const Cut slices{block.rows(), rows_per_slice(data_.rows.cols())};
    for (Index s = 0; s < slices.count(); ++s) {
      const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
      const AffineRows rows = block.middle(at, count);
      const Array weight = data_.weights(row, count);
      auto p = pi.middleRows(at, count);
      auto dp = change.topRows(count);
      predict(rows, x, p);
      if (data_.offset.size() > 0) p += data_.offset.middleRows(row, count);
      for (Index i = 0; i < count; ++i) partial.value -= weight[i] * p(i, label(row + i));
      partial.value += (weight * softmax_in_place(&pi(at, 0), pi.outerStride(), count)).sum();

      if (request.gradient) {
        dp = p;
        for (Index i = 0; i < count; ++i) dp(i, label(row + i)) -= 1.0;
        add_transposed(rows, weight, dp, partial.gradient);
      }
      for (Index k = 0; k < request.along.cols(); ++k) {
        predict(rows, request.along.col(k), dp);
        dp.array() *= p.array();
        const Vector mean = dp.rowwise().sum();
        dp -= mean.asDiagonal() * p;
        add_transposed(rows, weight, dp, partial.products.col(k));
      }
    }
  }

  // The blocks k >= l of the Hessian, but for the sign of those with k > l, so that no weight is
  // negative. Each is symmetric in itself, and so is kept as a lower triangle.
  void add_blocks(MatrixRef h, const AffineRows& rows, Index begin, const Matrix& pi,
                  bool single_precision) const {
    const Index size = data_.n_parameters_per_output(), count = rows.rows();
    const Array weight = data_.weights(begin, count);
    for (Index k = 0; k < classes_; ++k)
      for (Index l = 0; l <= k; ++l) {
        const auto p = pi.col(k).head(count).array(), q = pi.col(l).head(count).array();
        const Array w = k == l ? Array(weight * p * (1.0 - p)) : Array(weight * p * q);
        rows.add_gram(w.data(), single_precision, h.block(k * size, l * size, size, size));
      }
  }
  void spread_blocks(Matrix& h) const {
    const Index size = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k)
      for (Index l = 0; l < k; ++l) {
        auto block = h.block(k * size, l * size, size, size);
        mirror_lower(block);
        block *= -1.0;
      }
  }

  // A column per class, whose parameters follow each other.
  template <class Out>
  void predict(const AffineRows& rows, ConstVectorRef x, Out&& out) const {
    const Index size = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k) rows.predict(x.segment(k * size, size), &out(0, k));
  }
  template <class Change>
  void add_transposed(const AffineRows& rows, const Array& weight, Change& change,
                      VectorRef sums) const {
    const Index size = data_.n_parameters_per_output();
    change.array().colwise() *= weight;
    for (Index k = 0; k < classes_; ++k)
      rows.add_transposed(&change(0, k), sums.segment(k * size, size));
  }
  Index label(Index row) const { return static_cast<Index>(data_.target[row]); }

  // With whole chunks.
  void make_room(Matrix& m, Index rows) const {
    if (m.rows() < rows + chunk_rows || m.cols() != classes_)
      m = Matrix::Zero(rows + chunk_rows, classes_);
  }

  // Rows of eta become probabilities, in whole chunks; returns log sum_k e^{eta_k}, the largest
  // taken out first.
  Array softmax_in_place(double* eta, Index stride, Index count) const {
    Array logs(count + chunk_rows);
    for (Index i = 0; i < count; i += chunk_rows) {
      const auto of = [&](Index k) { return Eigen::Map<Chunk>(eta + k * stride + i); };
      Chunk largest = of(0), sum = Chunk::Zero();
      for (Index k = 1; k < classes_; ++k) largest = largest.max(of(k));
      for (Index k = 0; k < classes_; ++k) {
        const Chunk e = detail::exponential_of_negative(of(k) - largest);
        of(k) = e;
        sum += e;
      }
      const Chunk inverse = 1.0 / sum;
      for (Index k = 0; k < classes_; ++k) of(k) *= inverse;
      Eigen::Map<Chunk>(logs.data() + i) = largest + sum.log();
    }
    return logs.head(count);
  }

  Data<Rows> data_;
  Index classes_;
};

}  // namespace hessopt
