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
#include "hessopt/objectives/linear_model.hpp"

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
  // B, of the parameters of one class: at no point does the Hessian exceed the matrix that has B
  // for every class on its diagonal, as diag(pi) - pi pi' <= (I - 11'/K) / 2. D. Bohning,
  // "Multinomial logistic regression algorithm", Ann. Inst. Statist. Math. 44 (1992).
  Matrix curvature_bound() const {
    Data<Rows> data = data_;
    data.target.setZero();
    data.offset.resize(0, 0);
    data.l2 *= 2;
    const LinearModel<Rows> squares(Squared{}, std::move(data));
    return 0.5 * squares.evaluate(Vector::Zero(squares.n_parameters()), {.hessian = true}).hessian;
  }
  SoftmaxModel every(Index step) const { return {data_.every(step), classes_}; }
  // Of a Hessian in single precision, in evaluations of value and gradient.
  double hessian_cost() const { return 1 + static_cast<double>(n_parameters()) / 20; }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    const Index cols = data_.rows.cols();
    const bool stacked = request.hessian && cols < narrow;
    Evaluation sum =
        sum_over_rows(data_.rows, data_.intercept, rows_per_block(stacked ? n_parameters() : cols),
                      Evaluation(n_parameters(), request),
                      [&](Evaluation& partial, const AffineRows& rows, Index begin) {
                        add_rows(partial, rows, begin, x, request);
                      });
    if (request.hessian) from_pairs(sum.hessian);
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  static constexpr Index narrow = 16;  // columns of X

  // Of the Hessian, sums of pairs: see from_pairs.
  void add_rows(Evaluation& partial, const AffineRows& rows, Index begin, ConstVectorRef x,
                const Request& request) const {
    thread_local detail::Probabilities pi;
    thread_local RowMatrix change;
    const Index count = rows.rows();
    const Array weight = data_.weights(begin, count);
    rows.predict(by_class(x), pi.each);
    if (data_.offset.size() > 0) pi.each += data_.offset.middleRows(begin, count);
    partial.value += (weight * pi.from_predictors(data_.target.segment(begin, count))).sum();

    if (request.gradient) {
      change = pi.each;
      for (Index i = 0; i < count; ++i) {
        const Index y = label(begin + i);
        change(i, y) = y == pi.top[i] ? -pi.rest[i] : change(i, y) - 1.0;
      }
      change.array().colwise() *= weight;
      rows.add_transposed(change, sums_by_class(partial.gradient));
    }
    for (Index k = 0; k < request.along.cols(); ++k) {
      rows.predict(by_class(request.along.col(k)), change);
      pi.multiply_by_curvature(change);
      change.array().colwise() *= weight;
      rows.add_transposed(change, sums_by_class(partial.products.col(k)));
    }
    if (request.hessian) add_pairs(partial.hessian, rows, weight, pi.each, request);
  }

  // X'diag(weight pi_k pi_j)X, its lower triangle, in place of H_kj, k > j.
  void add_pairs(MatrixRef h, const AffineRows& rows, const Array& weight, const RowMatrix& pi,
                 const Request& request) const {
    if (rows.x.cols() < narrow) return add_stacked(h, rows, weight, pi, request);
    const Index m = data_.n_parameters_per_output();
    for (Index k = 1; k < classes_; ++k) {
      const Array of_k = weight * pi.col(k).array();
      for (Index j = 0; j < k; ++j) {
        const Array of_both = of_k * pi.col(j).array();
        rows.add_gram(of_both.data(), request.single_precision, h.block(k * m, j * m, m, m));
      }
    }
  }
  // The same for all pairs at once, as S'diag(weight)S with row i of S = (pi_i1 x_i, pi_i2 x_i,
  // ...): more than twice the flops, but with few columns a Gram matrix for each pair is mostly
  // overhead.
  void add_stacked(MatrixRef h, const AffineRows& rows, const Array& weight, const RowMatrix& pi,
                   const Request& request) const {
    const Index m = data_.n_parameters_per_output();
    thread_local RowMatrix stacked;
    stacked.resize(rows.rows(), n_parameters());
    for (Index k = 0; k < classes_; ++k) {
      auto s = stacked.middleCols(k * m, m);
      s.leftCols(rows.x.cols()) = pi.col(k).asDiagonal() * rows.x;
      if (rows.intercept) s.rightCols(1) = pi.col(k);
    }
    if (request.single_precision)
      add_weighted_gram<float>(block_of(stacked), weight.data(), h);
    else
      add_weighted_gram<double>(block_of(stacked), weight.data(), h);
  }
  void from_pairs(Matrix& h) const {
    const Index m = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k) h.block(k * m, k * m, m, m).setZero();
    for (Index k = 1; k < classes_; ++k)
      for (Index j = 0; j < k; ++j) {
        auto pair = h.block(k * m, j * m, m, m);
        mirror_lower(pair);
        h.block(k * m, k * m, m, m) += pair;
        h.block(j * m, j * m, m, m) += pair;
        pair = -pair;
      }
  }

  // A parameter vector as a matrix with a column per class.
  Eigen::Map<const Matrix> by_class(ConstVectorRef x) const {
    return Eigen::Map<const Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  MatrixRef sums_by_class(VectorRef x) const {
    return Eigen::Map<Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  Index label(Index row) const { return static_cast<Index>(data_.target[row]); }

  Data<Rows> data_;
  Index classes_;
};

}  // namespace hessopt
