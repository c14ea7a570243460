// Softmax regression with noise on its inputs or coefficients, to second order in the noise:
//   f(W, b) = sum_i weight_i [log sum_k e^{mu_ik} - mu_iy + tr(A_i M_i) / 2] + penalty,
// A_i the covariance of the classes' predictors, M = diag(pi) - pi pi', pi = softmax(mu). Of a row,
// with w_k the coefficients of a class, d_k = w_k - z, z = sum_k pi_k w_k, s_j the variance of
// input j and q_k = sum_j s_j d_kj^2 for noise that all classes see,
//   tr(A M)   t = sum_k pi_k q_k
//   gradient  x r_k + pi_k s o d_k,   r = pi - e_y + M q / 2
//   Hessian   -pi_k pi_m [(1 - t + sum_j s_j g_j^2 / 2) xx' + x(s o g)' + (s o g)x' + diag(s)],
//             g = d_k + d_m, for k other than m; its blocks sum to zero.
// With noise of each class's own (DropConnect) A is diagonal: d_k = w_k and, with f = 1 - 2 pi,
//   tr(A M)   t = sum_k pi_k (1 - pi_k) q_k
//   gradient  x r_k + pi_k (1 - pi_k) s o w_k,   r = pi - e_y + M (f o q) / 2
//   Hessian   P_km xx' + f_m M_km x(s o w_m)' + f_k M_km (s o w_k)x'
//             + [k = m] pi_k (1 - pi_k) diag(s),
//             P_km = -pi_k pi_m [1 + (c_k + c_m) / 2 - pi_k q_k - pi_m q_m + sum_l pi_l^2 q_l],
//             c = f o q less its mean, for k other than m; the rows of P sum to zero.
// Not convex, and never negative. Intercepts have no noise.
//
// S. Wager, S. Wang, P. Liang, "Dropout training as adaptive regularization", NIPS 2013.
#pragma once

#include <utility>

#include "hessopt/dropout/noise.hpp"
#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt {

namespace detail {

// s_ij = of_square x_ij^2 + constant; one draw for all classes or one for each.
struct InputVariance {
  double of_square, constant;
  bool shared;
};

inline InputVariance input_variance(const Noise& noise) {
  const double variance = std::visit([](const auto& law) { return law.variance(); }, noise);
  if (std::holds_alternative<GaussianNoise>(noise)) return {0, variance, true};
  return {variance, 0, !std::holds_alternative<DropConnect>(noise)};
}

// A block of noisy rows at a point; arrays named as above.
struct NoisySoftmaxRows {
  RowMatrix x;  // with the intercept's ones
  RowMatrix s, z;
  Probabilities pi;
  Matrix q, centred;  // c; where the noise is shared, q less its mean
  Array mean;         // sum_k pi_k q_k
};

}  // namespace detail

template <RowSource Rows = DenseRows>
class SoftmaxTaylor : public EvaluatedObjective<SoftmaxTaylor<Rows>> {
 public:
  SoftmaxTaylor(const SoftmaxModel<Rows>& model, const Noise& noise)
      : data_(model.data()),
        classes_(model.n_classes()),
        variance_(detail::input_variance(noise)) {}

  Index n_parameters() const { return classes_ * width(); }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    const Index cols = data_.rows.cols();
    Evaluation sum = sum_over_rows(
        data_.rows, data_.intercept, request.hessian ? rows_per_block(cols) : rows_per_slice(cols),
        Evaluation(n_parameters(), request),
        [&](Evaluation& partial, const AffineRows& rows, Index begin) {
          thread_local detail::NoisySoftmaxRows room;
          const kernels::TaylorRows at = prepare(room, rows, begin, x);
          partial.value += kernels::taylor().look(at, variance_.of_square, variance_.constant,
                                                  data_.target.data() + begin);
          if (request.gradient) add_gradient(partial.gradient, rows, begin, at);
          for (Index k = 0; k < request.along.cols(); ++k)
            add_product(partial.products.col(k), rows, at, request.along.col(k));
          if (!request.hessian) return;
          if (variance_.shared)
            add_pairs(partial.hessian, at);
          else
            add_blocks(partial.hessian, at);
        });
    if (request.hessian) complete(sum.hessian);
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  Index width() const { return data_.n_parameters_per_output(); }
  void predict(const AffineRows& rows, ConstVectorRef x, Matrix& out, Index row,
               bool offset) const {
    for (Index k = 0; k < classes_; ++k)
      rows.predict(x.segment(k * width(), width()), &out(0, k),
                   offset ? data_.offsets(row, k) : nullptr, data_.offset.cols());
  }
  void add_transposed(const AffineRows& rows, const Matrix& r, VectorRef sums) const {
    for (Index k = 0; k < classes_; ++k)
      rows.add_transposed(&r(0, k), sums.segment(k * width(), width()));
  }

  // Rows and their predictors, and room for the rest.
  kernels::TaylorRows prepare(detail::NoisySoftmaxRows& at, const AffineRows& rows, Index begin,
                              ConstVectorRef x) const {
    const Index n = rows.rows(), p = rows.cols();
    const Array ones = Array::Ones(n);
    at.x.resize(n, width());
    rows.with_kernels([&](const auto& k, const auto& b) {
      k.stack(b, rows.intercept, ones.data(), n, 1, at.x.data());
    });
    at.s.resize(n, p);
    at.z.resize(n, p);
    at.pi.make_room(n, classes_);
    at.q.resize(at.pi.each.rows(), classes_);
    at.centred.resize(at.pi.each.rows(), classes_);
    at.mean.resize(n);
    predict(rows, x, at.pi.each, begin, true);
    return {.pi = at.pi.some(0, n),
            .weights = data_.weights(begin),
            .p = p,
            .intercept = rows.intercept,
            .shared = variance_.shared,
            .w = x.data(),
            .x = at.x.data(),
            .s = at.s.data(),
            .z = at.z.data(),
            .q = at.q.data(),
            .centred = at.centred.data(),
            .mean = at.mean.data()};
  }

  void add_gradient(VectorRef g, const AffineRows& rows, Index begin,
                    const kernels::TaylorRows& at) const {
    thread_local Matrix r;
    r.resize(at.pi.stride, classes_);
    kernels::taylor().add_gradient(at, data_.target.data() + begin, r.data(), g.data());
    add_transposed(rows, r, g);
  }
  // The derivative of add_gradient along v.
  void add_product(VectorRef out, const AffineRows& rows, const kernels::TaylorRows& at,
                   ConstVectorRef v) const {
    thread_local Matrix r, spread;
    thread_local RowMatrix z;
    r.resize(at.pi.stride, classes_);
    spread.resize(at.pi.stride, classes_);
    z.resize(at.pi.n, at.p);
    predict(rows, v, r, 0, false);
    kernels::taylor().add_product(at, v.data(), r.data(), z.data(), spread.data(), out.data());
    add_transposed(rows, r, out);
  }

  // For noise that all classes see, C in place of H_km, k > m, where -H_km = C + C'.
  void add_pairs(MatrixRef h, const kernels::TaylorRows& at) const {
    thread_local RowMatrix right;
    right.resize(at.pi.n, width());
    Array weight(at.pi.n);
    for (Index k = 1; k < classes_; ++k)
      for (Index m = 0; m < k; ++m) {
        poll_interrupt();
        kernels::taylor().set_pair(at, k, m, right.data(), weight.data());
        add_block(h.block(k * width(), m * width(), width(), width()), at, weight, right);
        add_variances(h.block(k * width(), m * width(), at.p, at.p), at, weight);
      }
  }

  // For noise of each class's own, C where H = C + C'.
  void add_blocks(MatrixRef h, const kernels::TaylorRows& at) const {
    thread_local RowMatrix right;
    thread_local Matrix outer;
    right.resize(at.pi.n, width());
    outer.resize(at.pi.stride, classes_);
    Array weight(at.pi.n);
    for (Index k = 0; k < classes_; ++k) {
      poll_interrupt();
      kernels::taylor().set_outer(at, k, outer.data());
      for (Index m = 0; m < classes_; ++m) {
        kernels::taylor().set_block(at, outer.data(), k, m, right.data(), weight.data());
        add_block(h.block(k * width(), m * width(), width(), width()), at, weight, right);
      }
      kernels::taylor().weights_of_class(at, k, weight.data());
      add_variances(h.block(k * width(), k * width(), at.p, at.p), at, weight);
    }
  }

  // C += X'diag(weight) right
  static void add_block(MatrixRef c, const kernels::TaylorRows& at, const Array& weight,
                        const RowMatrix& right) {
    detail::add_weighted_product<double>(
        MatrixView<double>{at.x, at.pi.n, at.width(), at.width(), 1},
        [&](Index row) { return weight[row]; }, view_of(block_of(right)), c);
  }
  // C += diag(S'weight) / 2
  static void add_variances(MatrixRef c, const kernels::TaylorRows& at, const Array& weight) {
    Vector sums = Vector::Zero(at.p);
    kernels::rows<double>().add_transposed({at.s, at.pi.n, at.p, at.p}, weight.data(), sums.data(),
                                           nullptr);
    c.diagonal() += 0.5 * sums;
  }

  void complete(Matrix& h) const {
    if (!variance_.shared) {
      h += h.transpose().eval();
      return;
    }
    for (Index k = 1; k < classes_; ++k)
      for (Index m = 0; m < k; ++m) {
        auto pair = h.block(k * width(), m * width(), width(), width());
        pair += pair.transpose().eval();
      }
    detail::from_pairs(h, classes_);
  }

  Data<Rows> data_;
  Index classes_;
  detail::InputVariance variance_;
};

}  // namespace hessopt
