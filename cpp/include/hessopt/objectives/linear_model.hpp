// The weighted mean of a pointwise loss of a linear predictor, plus a ridge penalty:
//   f(w, b) = sum_i weight_i l(x_i'w + b, y_i) + l2/2 ||w||^2,   parameters (w, b), b last.
#pragma once

#include <utility>

#include "hessopt/losses/loss.hpp"
#include "hessopt/objectives/data.hpp"

namespace hessopt {

template <Loss L, RowSource Rows = DenseRows>
class LinearModel {
 public:
  explicit LinearModel(Data<Rows> data) : data_(std::move(data)) {
    for (const double y : data_.target) require(L::accepts(y), "y", std::to_string(y), L::target);
  }

  const Data<Rows>& data() const { return data_; }
  template <RowSource Other>
  LinearModel<L, Other> with_data(Data<Other> data) const {
    return LinearModel<L, Other>(std::move(data));
  }
  Index n_parameters() const { return data_.n_parameters_per_output(); }

  double value_and_gradient(ConstVectorRef x, VectorRef gradient) const {
    const auto sum = pass(ValueAndGradient(n_parameters()),
                          [&](auto& partial, const AffineRows& rows, Index begin) {
                            const Array weight = data_.weights(begin, rows.rows());
                            const Pointwise loss = pointwise(rows, begin, x);
                            partial.value += (weight * loss.value).sum();
                            rows.add_transposed((weight * loss.first).matrix(), partial.gradient);
                          });
    gradient = sum.gradient;
    data_.penalty().add_product(x, gradient);
    return sum.value + data_.penalty().value(x);
  }

  void hessian(ConstVectorRef x, MatrixRef h) const {
    const Index n = n_parameters();
    h = pass(Sum<Matrix>{Matrix::Zero(n, n)}, [&](auto& partial, const AffineRows& rows,
                                                  Index begin) {
          const Pointwise loss = pointwise(rows, begin, x);
          rows.add_gram(data_.weights(begin, rows.rows()) * loss.second, partial.value);
        }).value;
    data_.penalty().add_hessian(h);
    mirror_lower(h);
  }

  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
    out = pass(Sum<Vector>{Vector::Zero(n_parameters())}, [&](auto& partial, const AffineRows& rows,
                                                              Index begin) {
            const Pointwise loss = pointwise(rows, begin, x);
            const Array curvature = data_.weights(begin, rows.rows()) * loss.second;
            rows.add_transposed((curvature * rows.predict(v)).matrix(), partial.value);
          }).value;
    data_.penalty().add_product(v, out);
  }

 private:
  template <class Partial, class Visit>
  Partial pass(Partial zero, Visit&& visit) const {
    return sum_over_rows(data_.rows, data_.intercept, std::move(zero), visit);
  }
  Pointwise pointwise(const AffineRows& rows, Index begin, ConstVectorRef x) const {
    Pointwise out;
    L::evaluate(rows.predict(x), data_.target.segment(begin, rows.rows()), out);
    return out;
  }

  Data<Rows> data_;
};

}  // namespace hessopt
