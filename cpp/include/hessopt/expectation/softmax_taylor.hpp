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

// Coefficients, a row per class.
using ByClass = Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>>;

// A block of noisy rows at a point; arrays named as above, a row per row of the block.
struct SoftmaxRows {
  RowMatrix x;  // with the intercept's ones
  RowMatrix s, z;
  Probabilities pi;
  Matrix q, centred;  // c; where the noise is shared, q less its mean
  Array weight;

  Index rows() const { return x.rows(); }
  Index cols() const { return s.cols(); }
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
          thread_local detail::SoftmaxRows at;
          partial.value += look(at, rows, begin, x);
          if (request.gradient) add_gradient(partial.gradient, rows, begin, at, x);
          for (Index k = 0; k < request.along.cols(); ++k)
            add_product(partial.products.col(k), rows, at, x, request.along.col(k));
          if (!request.hessian) return;
          if (variance_.shared)
            add_pairs(partial.hessian, at, x);
          else
            add_blocks(partial.hessian, at, x);
        });
    if (request.hessian) complete(sum.hessian);
    sum.finish(data_.penalty(), x, request);
    return sum;
  }

 private:
  using SoftmaxRows = detail::SoftmaxRows;

  Index width() const { return data_.n_parameters_per_output(); }
  detail::ByClass by_class(ConstVectorRef x) const {
    return {x.data(), classes_, data_.rows.cols(), Eigen::OuterStride<>(width())};
  }
  void predict(const AffineRows& rows, ConstVectorRef x, Matrix& out) const {
    for (Index k = 0; k < classes_; ++k) rows.predict(x.segment(k * width(), width()), &out(0, k));
  }
  // Rows of `out` += sum_k share_k w_k
  static void add_mixed(const Matrix& share, const detail::ByClass& w, RowMatrix& out) {
    for (Index i = 0; i < out.rows(); ++i)
      for (Index k = 0; k < w.rows(); ++k) out.row(i) += share(i, k) * w.row(k);
  }
  // d tau / d pi, where t = sum_k tau_k q_k.
  double factor(const SoftmaxRows& at, Index i, Index k) const {
    return variance_.shared ? 1.0 : 1.0 - 2.0 * at.pi.each(i, k);
  }
  double tau(const SoftmaxRows& at, Index i, Index k) const {
    return at.pi.each(i, k) * (variance_.shared ? 1.0 : at.pi.complement(i, k));
  }

  // All of `at`; returns the loss of the rows.
  double look(SoftmaxRows& at, const AffineRows& rows, Index begin, ConstVectorRef x) const {
    const Index n = rows.rows();
    prepare(at, rows);
    at.weight = data_.weights(begin, n);
    at.pi.make_room(n, classes_);
    predict(rows, x, at.pi.each);
    if (data_.offset.size() > 0) at.pi.each.topRows(n) += data_.offset.middleRows(begin, n);
    data_.clear_weightless(begin, at.pi.each.topRows(n));
    data_.clear_weightless(begin, at.s);
    at.pi.from_predictors(0, n, data_.target.data() + begin);

    const auto w = by_class(x);
    at.z.setZero(n, at.cols());
    if (variance_.shared) add_mixed(at.pi.each, w, at.z);
    at.q.resize(n, classes_);
    at.centred.resize(n, classes_);
    Array loss = at.pi.loss.head(n);
    for (Index i = 0; i < n; ++i)
      for (Index k = 0; k < classes_; ++k) {
        at.q(i, k) = at.s.row(i).dot((w.row(k) - at.z.row(i)).cwiseAbs2());
        at.centred(i, k) = factor(at, i, k) * at.q(i, k);
        loss[i] += 0.5 * tau(at, i, k) * at.q(i, k);
      }
    at.pi.centre(0, MatrixRef(at.centred));
    return (at.weight * loss).sum();
  }
  void prepare(SoftmaxRows& at, const AffineRows& rows) const {
    thread_local RowMatrix buffer;
    const RowBlock<double> x = rows.wide(buffer);
    at.x.setOnes(x.rows(), width());
    at.x.leftCols(x.cols()) = x;
    at.s = (variance_.of_square * x.array().square() + variance_.constant).matrix();
  }

  void add_gradient(VectorRef g, const AffineRows& rows, Index begin, const SoftmaxRows& at,
                    ConstVectorRef x) const {
    const auto w = by_class(x);
    Array r(at.rows());
    for (Index k = 0; k < classes_; ++k) {
      auto of_k = g.segment(k * width(), width());
      for (Index i = 0; i < at.rows(); ++i) {
        const double pi = at.pi.each(i, k);
        const bool is_y = data_.target[begin + i] == static_cast<double>(k);
        r[i] = (is_y ? -at.pi.complement(i, k) : pi) + 0.5 * pi * at.centred(i, k);
        const double own = at.weight[i] * tau(at, i, k);
        of_k.head(at.cols()) += own * at.s.row(i).cwiseProduct(w.row(k) - at.z.row(i)).transpose();
      }
      r *= at.weight;
      rows.add_transposed(r.data(), of_k);
    }
  }

  // The derivative of add_gradient along v, dots for those of the arrays.
  void add_product(VectorRef out, const AffineRows& rows, const SoftmaxRows& at, ConstVectorRef x,
                   ConstVectorRef v) const {
    thread_local Matrix pi_dot, spread_dot, r_dot;
    thread_local RowMatrix z_dot;
    const Index n = at.rows();
    const auto w = by_class(x), w_dot = by_class(v);
    const auto pi = at.pi.each.topRows(n);
    pi_dot.resize(n, classes_);
    predict(rows, v, pi_dot);
    at.pi.multiply_by_curvature(0, MatrixRef(pi_dot));
    z_dot.setZero(n, at.cols());
    if (variance_.shared) {
      add_mixed(at.pi.each, w_dot, z_dot);
      add_mixed(pi_dot, w, z_dot);
    }
    spread_dot.resize(n, classes_);
    for (Index i = 0; i < n; ++i)
      for (Index k = 0; k < classes_; ++k) {
        const auto d = w.row(k) - at.z.row(i), d_dot = w_dot.row(k) - z_dot.row(i);
        const double q_dot = 2.0 * at.s.row(i).dot(d.cwiseProduct(d_dot));
        const double factor_dot = variance_.shared ? 0.0 : -2.0 * pi_dot(i, k);
        spread_dot(i, k) = factor(at, i, k) * q_dot + factor_dot * at.q(i, k);
        const double one = at.weight[i] * tau(at, i, k);
        const double other = at.weight[i] * factor(at, i, k) * pi_dot(i, k);
        out.segment(k * width(), at.cols()) +=
            at.s.row(i).cwiseProduct(one * d_dot + other * d).transpose();
      }
    at.pi.centre(0, MatrixRef(spread_dot));
    const Array mean_dot = pi_dot.cwiseProduct(at.centred).rowwise().sum();
    spread_dot.array().colwise() -= mean_dot;
    r_dot = pi_dot + 0.5 * (pi_dot.cwiseProduct(at.centred) + pi.cwiseProduct(spread_dot));
    r_dot.array().colwise() *= at.weight;
    for (Index k = 0; k < classes_; ++k)
      rows.add_transposed(&r_dot(0, k), out.segment(k * width(), width()));
  }

  // For noise that all classes see, C in place of H_km, k > m, where -H_km = C + C'.
  void add_pairs(MatrixRef h, const SoftmaxRows& at, ConstVectorRef x) const {
    const Index n = at.rows(), p = at.cols();
    const auto w = by_class(x);
    const auto pi = at.pi.each.topRows(n).array();
    const Array mean = (pi * at.q.array()).rowwise().sum();
    thread_local RowMatrix right;
    right.resize(n, width());
    for (Index k = 1; k < classes_; ++k)
      for (Index m = 0; m < k; ++m) {
        const Eigen::RowVectorXd both = w.row(k) + w.row(m);
        for (Index i = 0; i < n; ++i) {
          const auto g = both - 2.0 * at.z.row(i);
          const double bracket = 1.0 - mean[i] + 0.5 * at.s.row(i).dot(g.cwiseAbs2());
          right.row(i) = 0.5 * bracket * at.x.row(i);
          right.row(i).head(p) += at.s.row(i).cwiseProduct(g);
        }
        const Array weight = at.weight * pi.col(k) * pi.col(m);
        add_block(h.block(k * width(), m * width(), width(), width()), at, weight, right);
        Vector squares = Vector::Zero(p);
        add_transposed_rows(block_of(at.s), weight.data(), squares.data());
        h.block(k * width(), m * width(), p, p).diagonal() += 0.5 * squares;
      }
  }

  // For noise of each class's own, C where H = C + C'.
  void add_blocks(MatrixRef h, const SoftmaxRows& at, ConstVectorRef x) const {
    const Index n = at.rows(), p = at.cols();
    const auto w = by_class(x);
    thread_local RowMatrix right;
    thread_local Matrix outer;
    right.resize(n, width());
    for (Index k = 0; k < classes_; ++k) {
      poll_interrupt();
      set_row_of_outer(outer, at, k);
      for (Index m = 0; m < classes_; ++m) {
        for (Index i = 0; i < n; ++i) {
          const double curvature =
              at.pi.each(i, k) * (m == k ? at.pi.complement(i, k) : -at.pi.each(i, m));
          right.row(i) = 0.5 * outer(i, m) * at.x.row(i);
          right.row(i).head(p) += factor(at, i, m) * curvature * at.s.row(i).cwiseProduct(w.row(m));
        }
        add_block(h.block(k * width(), m * width(), width(), width()), at, at.weight, right);
      }
      for (Index i = 0; i < n; ++i)
        h.diagonal().segment(k * width(), p) +=
            0.5 * at.weight[i] * tau(at, i, k) * at.s.row(i).transpose();
    }
  }
  // P_km of each row, a column per class m.
  void set_row_of_outer(Matrix& outer, const SoftmaxRows& at, Index k) const {
    const Index n = at.rows();
    const auto pi = at.pi.each.topRows(n).array();
    const auto q = at.q.array(), c = at.centred.array();
    const Array squares = (pi.square() * q).rowwise().sum();
    const Array common = 1.0 + 0.5 * c.col(k) - pi.col(k) * q.col(k) + squares;
    outer.setZero(n, classes_);
    for (Index m = 0; m < classes_; ++m) {
      if (m == k) continue;
      outer.col(m) = -pi.col(k) * pi.col(m) * (common + 0.5 * c.col(m) - pi.col(m) * q.col(m));
      outer.col(k) -= outer.col(m);
    }
  }

  // C += X'diag(weight) right
  static void add_block(MatrixRef c, const SoftmaxRows& at, const Array& weight,
                        const RowMatrix& right) {
    detail::add_weighted_product<double>(
        view_of(block_of(at.x)), [&](Index row) { return weight[row]; }, view_of(block_of(right)),
        c);
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
