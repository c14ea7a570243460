// The shape of an objective, and the pass over the data that every compiled one is made of.
#pragma once

#include <concepts>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/linalg/row_products.hpp"

namespace hessopt {

// f: R^n -> R with its derivatives. Solvers need the first line; Newton needs the second.
template <class F>
concept Objective = requires(const F& f, ConstVectorRef x, VectorRef gradient, MatrixRef h,
                             ConstVectorRef v, VectorRef hv) {
  { f.n_parameters() } -> std::same_as<Index>;
  { f.value_and_gradient(x, gradient) } -> std::same_as<double>;
  f.hessian(x, h);
  f.hessp(x, v, hv);
};

// What is wanted at a point beside the value.
struct Request {
  bool gradient = false;
  bool hessian = false;
  bool single_precision = false;  // products of the Hessian in float32 or less, summed in float64
  Matrix along = {};              // V of the products H V; no columns: none
};

// f and those of its derivatives that were asked for, the others empty: a sum over rows.
struct Evaluation {
  double value = 0;
  Vector gradient;
  Matrix hessian;   // its lower triangle, until the sum is complete
  Matrix products;  // H V

  Evaluation(Index n, const Request& request)
      : gradient(Vector::Zero(request.gradient ? n : 0)),
        hessian(Matrix::Zero(request.hessian ? n : 0, request.hessian ? n : 0)),
        products(Matrix::Zero(request.along.cols() > 0 ? n : 0, request.along.cols())) {
    if (products.cols() > 0) require_size("V", request.along.rows(), n);
  }
  void operator+=(const Evaluation& other) {
    value += other.value;
    gradient += other.gradient;
    hessian += other.hessian;
    products += other.products;
  }
  void clear() {
    value = 0;
    gradient.setZero();
    hessian.setZero();
    products.setZero();
  }
  template <class Penalty>
  void finish(const Penalty& penalty, ConstVectorRef x, const Request& request) {
    value += penalty.value(x);
    if (gradient.size() > 0) penalty.add_product(x, gradient);
    if (hessian.size() > 0) penalty.add_hessian(hessian);
    for (Index k = 0; k < products.cols(); ++k)
      penalty.add_product(request.along.col(k), products.col(k));
    mirror_lower(hessian);
  }
};

// The methods of an objective that has evaluate(x, request).
template <class Self>
class EvaluatedObjective {
 public:
  double value_and_gradient(ConstVectorRef x, VectorRef gradient) const {
    const Evaluation at = self().evaluate(x, {.gradient = true});
    gradient = at.gradient;
    return at.value;
  }
  void hessian(ConstVectorRef x, MatrixRef h) const {
    h = self().evaluate(x, {.hessian = true}).hessian;
  }
  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
    out = self().evaluate(x, {.along = v}).products;
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

// Rows X of a linear predictor X w + b: the one place that knows where the intercept b stands
// (last) and that its column of ones is never stored.
struct AffineRows {
  RowBlock<double> x;
  bool intercept;

  Index rows() const { return x.rows(); }
  AffineRows middle(Index begin, Index count) const {
    const Index stride = x.outerStride();
    return {{x.data() + begin * stride, count, x.cols(), Eigen::OuterStride<>(stride)}, intercept};
  }

  // out = (X 1) w
  void predict(ConstVectorRef w, double* out) const {
    multiply_rows(x, w.data(), out);
    if (intercept) Eigen::Map<Array>(out, rows()) += w[x.cols()];
  }
  // out = (X 1) W, a column per output
  void predict(const Eigen::Ref<const Matrix>& w, RowMatrix& out) const {
    out.resize(rows(), w.cols());
    out.noalias() = x * w.topRows(x.cols());
    if (intercept) out.rowwise() += w.row(x.cols());
  }
  // g += (X 1)' r
  void add_transposed(const double* r, VectorRef g) const {
    add_transposed_rows(x, r, g.data());
    if (intercept) g[x.cols()] += Eigen::Map<const Array>(r, rows()).sum();
  }
  void add_transposed(const RowMatrix& r, MatrixRef g) const {
    g.topRows(x.cols()).noalias() += x.transpose() * r;
    if (intercept) g.row(x.cols()) += r.colwise().sum();
  }
  // lower(H) += (X 1)' diag(w) (X 1)
  void add_gram(const double* w, bool single_precision, MatrixRef h) const {
    const Index p = x.cols();
    if (single_precision)
      add_weighted_gram<float>(x, w, h.topLeftCorner(p, p));
    else
      add_weighted_gram<double>(x, w, h.topLeftCorner(p, p));
    if (!intercept) return;
    Vector last = Vector::Zero(p + 1);
    add_transposed(w, last);
    h.row(p).head(p + 1) += last.transpose();
  }
};

// Where an objective's rows come from. A source may hold the same rows several times over:
// `samples` copies, which differ by the noise drawn into them, and are averaged.
template <class S>
concept RowSource =
    requires(const S& s, Index begin, Index count, Index sample, RowMatrix& buffer) {
      { s.rows() } -> std::same_as<Index>;
      { s.cols() } -> std::same_as<Index>;
      { s.samples() } -> std::same_as<Index>;
      { s.block(begin, count, sample, buffer) } -> std::same_as<RowBlock<double>>;
    };

// One pass over the data: visit(partial, rows, begin) for each block of `step` rows and each sample
// of it, while it lies in cache, and the sum of the partials in a fixed order.
// A partial is a value that can be set to zero by `clear()` and added by `+=`.
template <RowSource Source, class Partial, class Visit>
Partial sum_over_rows(const Source& source, bool intercept, Index step, Partial zero,
                      Visit&& visit) {
  const Cut blocks{source.rows(), step};
  const Cut tasks{blocks.count(), std::max<Index>(1, rows_per_task(source.cols()) / step)};
  Partial total = zero;
  struct Work {
    Partial partial;
    RowMatrix buffer;
  };
  ordered_reduce(
      tasks.count(), [&] { return Work{zero, {}}; },
      [&](Work& work, Index t) {
        for (Index b = tasks.begin(t); b < tasks.begin(t) + tasks.size(t); ++b)
          for (Index sample = 0; sample < source.samples(); ++sample) {
            poll_interrupt_in_team();
            visit(work.partial,
                  AffineRows{source.block(blocks.begin(b), blocks.size(b), sample, work.buffer),
                             intercept},
                  blocks.begin(b));
          }
      },
      [&](Work& work) {
        total += work.partial;
        work.partial.clear();
      });
  return total;
}

}  // namespace hessopt
