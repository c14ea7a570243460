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
class SoftmaxModel {
 public:
  SoftmaxModel(Data<Rows> data, Index n_classes) : data_(std::move(data)), classes_(n_classes) {
    require(n_classes >= 2, "y", std::to_string(n_classes) + " class(es)", "at least 2 classes");
    for (const double y : data_.target)
      require(y >= 0 && y < static_cast<double>(classes_) && y == std::floor(y), "y",
              std::to_string(y), "integer labels 0 .. n_classes - 1");
  }

  const Data<Rows>& data() const { return data_; }
  template <RowSource Other>
  SoftmaxModel<Other> with_data(Data<Other> data) const {
    return {std::move(data), classes_};
  }
  Index n_classes() const { return classes_; }
  Index n_parameters() const { return classes_ * data_.n_parameters_per_output(); }

  double value_and_gradient(ConstVectorRef x, VectorRef gradient) const {
    const auto sum = pass(ValueAndGradient(n_parameters()),
                          [&](auto& partial, const AffineRows& rows, Index begin) {
                            const Array weight = data_.weights(begin, rows.rows());
                            RowMatrix residual = rows.predict(by_class(x));
                            Array target_eta(rows.rows());
                            for (Index i = 0; i < rows.rows(); ++i)
                              target_eta[i] = residual(i, label(begin + i));
                            const Array log_sum = softmax_in_place(residual);
                            partial.value += (weight * (log_sum - target_eta)).sum();
                            for (Index i = 0; i < rows.rows(); ++i)
                              residual(i, label(begin + i)) -= 1.0;
                            residual.array().colwise() *= weight;
                            rows.add_transposed(residual, by_class(partial.gradient));
                          });
    gradient = sum.gradient;
    data_.penalty().add_product(x, gradient);
    return sum.value + data_.penalty().value(x);
  }

  void hessian(ConstVectorRef x, MatrixRef h) const {
    const Index n = n_parameters(), per_class = data_.n_parameters_per_output();
    h = pass(Sum<Matrix>{Matrix::Zero(n, n)}, [&](auto& partial, const AffineRows& rows,
                                                  Index begin) {
          const Array weight = data_.weights(begin, rows.rows());
          const RowMatrix pi = probabilities(rows, x);
          RowMatrix scaled(rows.rows(), n);  // S
          for (Index k = 0; k < classes_; ++k) {
            auto s = scaled.middleCols(k * per_class, per_class);
            s.leftCols(rows.x.cols()).noalias() = pi.col(k).asDiagonal() * rows.x;
            if (rows.intercept) s.rightCols(1) = pi.col(k);
            rows.add_gram(weight * pi.col(k).array(),
                          partial.value.block(k * per_class, k * per_class, per_class, per_class));
          }
          add_weighted_gram(block_of(scaled), Vector(-weight), partial.value);
        }).value;
    data_.penalty().add_hessian(h);
    mirror_lower(h);
  }

  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
    out = pass(Sum<Vector>{Vector::Zero(n_parameters())}, [&](auto& partial, const AffineRows& rows,
                                                              Index begin) {
            const RowMatrix pi = probabilities(rows, x);
            RowMatrix change = pi.array() * rows.predict(by_class(v)).array();
            const Vector mean = change.rowwise().sum();
            change -= mean.asDiagonal() * pi;
            change.array().colwise() *= data_.weights(begin, rows.rows());
            rows.add_transposed(change, by_class(partial.value));
          }).value;
    data_.penalty().add_product(v, out);
  }

 private:
  template <class Partial, class Visit>
  Partial pass(Partial zero, Visit&& visit) const {
    return sum_over_rows(data_.rows, data_.intercept, std::move(zero), visit);
  }
  // A parameter vector as a matrix with a column per class.
  auto by_class(ConstVectorRef x) const {
    return Eigen::Map<const Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  auto by_class(Vector& x) const {
    return Eigen::Map<Matrix>(x.data(), data_.n_parameters_per_output(), classes_);
  }
  Index label(Index row) const { return static_cast<Index>(data_.target[row]); }

  RowMatrix probabilities(const AffineRows& rows, ConstVectorRef x) const {
    RowMatrix pi = rows.predict(by_class(x));
    softmax_in_place(pi);
    return pi;
  }
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
