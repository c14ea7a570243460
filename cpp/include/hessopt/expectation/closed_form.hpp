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
class ClosedForm : public EvaluatedObjective<ClosedForm<L, Rows>> {
 public:
  ClosedForm(const LinearModel<Rows>& model, const Dropout& noise)
      : data_(model.data()), odds_(noise.rate / noise.keep()) {
    require(model.loss().name() == std::string(L::name), "model", model.loss().name(), L::name);
  }

  Index n_parameters() const { return data_.n_parameters_per_output(); }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    Evaluation sum = sum_over_rows(
        data_.rows, data_.intercept, rows_per_block(data_.rows.cols()),
        Evaluation(n_parameters(), request),
        [&](Evaluation& partial, const AffineRows& rows, Index begin) {
          thread_local RowMatrix buffer;
          const RowBlock<double> wide = rows.wide(buffer);
          const PredictorVariance s2{wide, x.head(wide.cols()), odds_};
          const MarginalDerivatives d = marginals(rows, s2, begin, x);
          partial.value += d.value.sum();
          if (request.gradient) {
            rows.add_transposed(d.mean.data(), partial.gradient);
            partial.gradient.head(s2.w.size()) += s2.w.cwiseProduct(s2.curvature(d.variance));
          }
          for (Index k = 0; k < request.along.cols(); ++k)
            add_product(partial.products.col(k), rows, s2, d, request.along.col(k));
          if (request.hessian) add_hessian(partial.hessian, rows, s2, d);
        });
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  // Multiplied by the weights of the rows.
  MarginalDerivatives marginals(const AffineRows& rows, const PredictorVariance& s2, Index begin,
                                ConstVectorRef x) const {
    Array eta(rows.rows());
    rows.predict(x, eta.data());
    if (data_.offset.size() > 0) eta += data_.offset.col(0).segment(begin, eta.size()).array();
    MarginalDerivatives d;
    NormalMarginal<L>::evaluate(eta, s2.value(), data_.target.segment(begin, eta.size()), d);
    const Array weight = data_.weights(begin, eta.size());
    for (Array* a :
         {&d.value, &d.mean, &d.variance, &d.mean_mean, &d.mean_variance, &d.variance_variance})
      *a *= weight;
    return d;
  }

  static void add_product(VectorRef out, const AffineRows& rows, const PredictorVariance& s2,
                          const MarginalDerivatives& d, ConstVectorRef v) {
    const Index p = s2.w.size();
    Array u(rows.rows());
    rows.predict(v, u.data());
    const Array t = s2.times(v.head(p));
    const Array first = d.mean_mean * u + d.mean_variance * t;
    const Array second = d.mean_variance * u + d.variance_variance * t;
    rows.add_transposed(first.data(), out);
    out.head(p) +=
        s2.w.cwiseProduct(s2.curvature(second)) + v.head(p).cwiseProduct(s2.curvature(d.variance));
  }

  // One Gram of [X; V] with a symmetric 2 x 2 weight per row.
  static void add_hessian(MatrixRef h, const AffineRows& rows, const PredictorVariance& s2,
                          const MarginalDerivatives& d) {
    const Index m = rows.rows(), p = s2.w.size(), n = h.cols();
    RowMatrix stack = RowMatrix::Zero(2 * m, n), weighted(2 * m, n);
    stack.topLeftCorner(m, p) = s2.x;
    if (rows.intercept) stack.topRightCorner(m, 1).setOnes();
    stack.bottomLeftCorner(m, p) = s2.jacobian();
    const auto top = stack.topRows(m), bottom = stack.bottomRows(m);
    const auto diag = [](const Array& a) { return a.matrix().asDiagonal(); };
    weighted.topRows(m) = diag(d.mean_mean) * top;
    weighted.topRows(m) += diag(d.mean_variance) * bottom;
    weighted.bottomRows(m) = diag(d.mean_variance) * top;
    weighted.bottomRows(m) += diag(d.variance_variance) * bottom;
    add_gram(block_of(stack), block_of(weighted), h);
    h.diagonal().head(p) += s2.curvature(d.variance);
  }

  Data<Rows> data_;
  double odds_;
};

}  // namespace hessopt
