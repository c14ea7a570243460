// The shape of an objective, and the pass over the data that every compiled one is made of.
#pragma once

#include <algorithm>
#include <concepts>
#include <variant>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/linalg/gram.hpp"

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
  bool residual = false;          // of models of a linear predictor
  bool single_precision = false;  // products of the Hessian in float32 or less, summed in float64
  Matrix along = {};              // V of the products H V; no columns: none
  // Of models: the Hessian is that in (w, b + origin'w), whose columns are X - 1 origin'. Where
  // columns lie far from 0, the other has lost what they differ by. Empty: 0.
  Vector origin = {};
};

// f and those of its derivatives that were asked for, the others empty: a sum over rows.
struct Evaluation {
  double value = 0;
  Vector gradient;
  Matrix hessian;   // its lower triangle, until the sum is complete
  Matrix products;  // H V
  // Of a model, for each of its linear predictors: the weighted root mean square over the rows of
  // the derivative of the loss in it, as a sum of squares.
  std::vector<SumOfSquares> residual;

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
    for (std::size_t k = 0; k < residual.size(); ++k) residual[k] += other.residual[k];
  }
  Vector residual_roots() const {
    Vector out(static_cast<Index>(residual.size()));
    std::ranges::transform(residual, out.begin(), &SumOfSquares::root);
    return out;
  }
  void clear() {
    value = 0;
    gradient.setZero();
    hessian.setZero();
    products.setZero();
    for (SumOfSquares& sum : residual) sum.clear();
  }
  void scale(double factor) {
    value *= factor;
    gradient *= factor;
    hessian *= factor;
    products *= factor;
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

// Rows in the width in which they are held.
using AnyRowBlock = std::variant<RowBlock<double>, RowBlock<float>>;

// Rows X of a linear predictor X w + b: the one place that knows how wide their numbers are, where
// the intercept b stands (last) and that its column of ones is never stored.
struct AffineRows {
  AnyRowBlock x;
  bool intercept;

  Index rows() const {
    return std::visit([](const auto& b) { return b.rows(); }, x);
  }
  Index cols() const {
    return std::visit([](const auto& b) { return b.cols(); }, x);
  }
  AffineRows middle(Index begin, Index count) const {
    return std::visit(
        [&](const auto& b) -> AffineRows { return {middle_of(b, begin, count), intercept}; }, x);
  }
  // X in double, in `buffer` where it is not.
  RowBlock<double> wide(RowMatrix& buffer) const {
    if (const auto* same = std::get_if<RowBlock<double>>(&x)) return *same;
    buffer.resize(rows(), cols());
    kernels::rows<float>().widen(dense(std::get<RowBlock<float>>(x)), nullptr, nullptr,
                                 buffer.data());
    return block_of(buffer);
  }

  // f(kernels of the rows' width, rows)
  template <class F>
  auto with_kernels(F&& f) const {
    return std::visit([&]<Real T>(const RowBlock<T>& b) { return f(kernels::rows<T>(), dense(b)); },
                      x);
  }

  // The rows (X - 1 origin') / scale, in `buffer`. Columns are divided where there is a scale.
  AffineRows standardised(const double* origin, const double* scale, RowMatrix& buffer) const {
    buffer.resize(rows(), cols());
    with_kernels([&](const auto& k, const auto& b) { k.widen(b, origin, scale, buffer.data()); });
    return {block_of(buffer), intercept};
  }
  // The rows X - 1 origin', in `buffer`; these where `origin` is empty.
  AffineRows about(const Vector& origin, RowMatrix& buffer) const {
    return origin.size() == 0 ? *this : standardised(origin.data(), nullptr, buffer);
  }

  // out = (X 1) w + offset; null: none, else `stride` numbers from one row's to the next
  void predict(ConstVectorRef w, double* out, const double* offset = nullptr,
               Index stride = 1) const {
    const double last = intercept ? w[cols()] : 0;
    with_kernels(
        [&](const auto& k, const auto& b) { k.multiply(b, w.data(), last, offset, stride, out); });
  }
  // g += (X 1)' r
  void add_transposed(const double* r, VectorRef g) const {
    double* last = intercept ? &g[cols()] : nullptr;
    with_kernels([&](const auto& k, const auto& b) { k.add_transposed(b, r, g.data(), last); });
  }
  // lower(H) += (X 1)' diag(w) (X 1)
  void add_gram(const double* w, bool single_precision, MatrixRef h) const {
    const Index p = cols();
    const MatrixRef square = h.topLeftCorner(p, p);
    std::visit(
        [&](const auto& b) {
          if (single_precision)
            add_weighted_gram<float>(b, w, square);
          else
            add_weighted_gram<double>(b, w, square);
        },
        x);
    if (!intercept) return;
    Vector last = Vector::Zero(p + 1);
    add_transposed(w, last);
    h.row(p).head(p + 1) += last.transpose();
  }
};

// Room for a block of rows that a source has to write.
struct RowBuffer {
  RowMatrix wide;
  RowMatrixOf<float> narrow;

  template <Real T>
  RowMatrixOf<T>& of() {
    if constexpr (std::same_as<T, double>)
      return wide;
    else
      return narrow;
  }
};

// Where an objective's rows come from. A source may hold the same rows several times over:
// `samples` copies, which differ by the noise drawn into them, and are averaged.
template <class S>
concept RowSource =
    requires(const S& s, Index begin, Index count, Index sample, RowBuffer& buffer) {
      { s.rows() } -> std::same_as<Index>;
      { s.cols() } -> std::same_as<Index>;
      { s.samples() } -> std::same_as<Index>;
      { s.block(begin, count, sample, buffer) } -> std::convertible_to<AnyRowBlock>;
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
    RowBuffer buffer;
  };
  ordered_reduce(
      tasks.count(), [&] { return Work{zero, {}}; },
      [&](Work& work, Index t) {
        for (Index b = tasks.begin(t); b < tasks.begin(t) + tasks.size(t); ++b)
          for (Index sample = 0; sample < source.samples(); ++sample) {
            poll_interrupt();
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

// visit(rows, begin) for blocks of all rows, which write to different places.
template <RowSource Source, class Visit>
void for_each_block(const Source& source, bool intercept, Visit&& visit) {
  const Cut blocks{source.rows(), rows_per_block(source.cols())};
  parallel_for(blocks.count(), [&](Index b) {
    thread_local RowBuffer buffer;
    visit(AffineRows{source.block(blocks.begin(b), blocks.size(b), 0, buffer), intercept},
          blocks.begin(b));
  });
}

}  // namespace hessopt
