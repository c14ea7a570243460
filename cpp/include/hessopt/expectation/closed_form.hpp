// Dropout on the inputs of a linear model, integrated out in closed form:
//   f(w, b) = sum_i weight_i F(mu_i, s_i^2) + penalty,
// F the marginal loss. With X including the intercept's ones and V the Jacobian of s^2
//   gradient  X'F_mu + V'F_s
//   Hessian   X'diag(F_mumu)X + X'diag(F_mus)V + V'diag(F_mus)X + V'diag(F_ss)V
//             + 2c diag((x o x)'F_s).
#pragma once

#include <utility>

#include "hessopt/dropout/apply.hpp"
#include "hessopt/dropout/moments.hpp"
#include "hessopt/expectation/marginals.hpp"
#include "hessopt/objectives/linear_model.hpp"

namespace hessopt {

template <Loss L, RowSource Rows = DenseRows>
class ClosedForm {
 public:
  ClosedForm(const LinearModel<L, Rows>& model, const Dropout& noise)
      : data_(model.data()), odds_(noise.rate / noise.keep()) {}

  Index n_parameters() const { return data_.n_parameters_per_output(); }

  double value_and_gradient(ConstVectorRef x, VectorRef gradient) const {
    const auto sum = pass(ValueAndGradient(n_parameters()), x,
                          [&](auto& partial, const AffineRows& rows, const PredictorVariance& s2,
                              const MarginalDerivatives& d) {
                            partial.value += d.value.sum();
                            rows.add_transposed(d.mean.matrix(), partial.gradient);
                            partial.gradient.head(s2.w.size()) +=
                                s2.w.cwiseProduct(s2.curvature(d.variance));
                          });
    gradient = sum.gradient;
    data_.penalty().add_product(x, gradient);
    return sum.value + data_.penalty().value(x);
  }

  void hessian(ConstVectorRef x, MatrixRef h) const {
    const Index n = n_parameters();
    h = pass(Sum<Matrix>{Matrix::Zero(n, n)}, x,
             [&](auto& partial, const AffineRows& rows, const PredictorVariance& s2,
                 const MarginalDerivatives& d) {
               // One Gram of [X; V] with a symmetric 2 x 2 weight per row.
               const Index m = rows.rows(), p = s2.w.size();
               RowMatrix stack = RowMatrix::Zero(2 * m, n), weighted(2 * m, n);
               stack.topLeftCorner(m, p) = rows.x;
               if (rows.intercept) stack.topRightCorner(m, 1).setOnes();
               stack.bottomLeftCorner(m, p) = s2.jacobian();
               const auto top = stack.topRows(m), bottom = stack.bottomRows(m);
               const auto diag = [](const Array& a) { return a.matrix().asDiagonal(); };
               weighted.topRows(m) = diag(d.mean_mean) * top;
               weighted.topRows(m) += diag(d.mean_variance) * bottom;
               weighted.bottomRows(m) = diag(d.mean_variance) * top;
               weighted.bottomRows(m) += diag(d.variance_variance) * bottom;
               add_gram(block_of(stack), block_of(weighted), partial.value);
               partial.value.diagonal().head(p) += s2.curvature(d.variance);
             })
            .value;
    data_.penalty().add_hessian(h);
    mirror_lower(h);
  }

  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
    out =
        pass(Sum<Vector>{Vector::Zero(n_parameters())}, x,
             [&](auto& partial, const AffineRows& rows, const PredictorVariance& s2,
                 const MarginalDerivatives& d) {
               const Index p = s2.w.size();
               const Array u = rows.predict(v), t = s2.times(v.head(p));
               rows.add_transposed((d.mean_mean * u + d.mean_variance * t).matrix(), partial.value);
               const Array r = d.mean_variance * u + d.variance_variance * t;
               partial.value.head(p) += s2.w.cwiseProduct(s2.curvature(r)) +
                                        v.head(p).cwiseProduct(s2.curvature(d.variance));
             })
            .value;
    data_.penalty().add_product(v, out);
  }

 private:
  // visit(partial, rows, s2, d): the marginal derivatives d come multiplied by the row weights.
  template <class Partial, class Visit>
  Partial pass(Partial zero, ConstVectorRef x, Visit&& visit) const {
    return sum_over_rows(data_.rows, data_.intercept, std::move(zero),
                         [&](Partial& partial, const AffineRows& rows, Index begin) {
                           const PredictorVariance s2{rows.x, x.head(rows.x.cols()), odds_};
                           MarginalDerivatives d;
                           NormalMarginal<L>::evaluate(rows.predict(x), s2.value(),
                                                       data_.target.segment(begin, rows.rows()), d);
                           const Array weight = data_.weights(begin, rows.rows());
                           for (Array* a : {&d.value, &d.mean, &d.variance, &d.mean_mean,
                                            &d.mean_variance, &d.variance_variance})
                             *a *= weight;
                           visit(partial, rows, s2, d);
                         });
  }

  Data<Rows> data_;
  double odds_;
};

}  // namespace hessopt
