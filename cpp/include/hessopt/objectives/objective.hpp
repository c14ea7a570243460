// The shape of an objective, and the pass over row blocks that every compiled one is made of.
#pragma once

#include <concepts>

#include "hessopt/core/blocks.hpp"
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

// Rows X of a linear predictor X w + b: the one place that knows where the intercept b stands
// (last) and that its column of ones is never stored.
struct AffineRows {
  RowBlock<double> x;
  bool intercept;

  Index rows() const { return x.rows(); }
  Index cols() const { return x.cols() + (intercept ? 1 : 0); }

  // (X 1) w for a vector w, or for a matrix with a column per output.
  template <class W>
  auto predict(const W& w) const {
    RowMatrixOrArray<W> out(x.rows(), w.cols());
    out.matrix().noalias() = x * w.topRows(x.cols());
    if (intercept) out.matrix().rowwise() += w.row(x.cols());
    return out;
  }
  // g += (X 1)' r
  template <class R, class G>
  void add_transposed(const R& r, G&& g) const {
    g.topRows(x.cols()).noalias() += x.transpose() * r;
    if (intercept) g.row(x.cols()) += r.colwise().sum();
  }
  // lower(H) += (X 1)' diag(w) (X 1)
  void add_gram(const Vector& w, MatrixRef h) const {
    const Index p = x.cols();
    add_weighted_gram(x, w, h.topLeftCorner(p, p));
    if (!intercept) return;
    h.row(p).head(p).noalias() += w.transpose() * x;
    h(p, p) += w.sum();
  }

 private:
  template <class W>
  using RowMatrixOrArray =
      std::conditional_t<std::remove_cvref_t<W>::ColsAtCompileTime == 1, Array, RowMatrix>;
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

// One pass over the data: visit(partial, rows, begin) for each block of rows and each sample of it,
// while the block lies in cache, and the sum of the partials in a fixed order.
// A partial is a value that can be set to zero by `clear()` and added by `+=`.
template <RowSource Source, class Partial, class Visit>
Partial sum_over_rows(const Source& source, bool intercept, Partial zero, Visit&& visit) {
  const Cut blocks{source.rows(), rows_per_block(source.cols())};
  Partial total = zero;
  struct Work {
    Partial partial;
    RowMatrix buffer;
  };
  ordered_reduce(
      blocks.count(), [&] { return Work{zero, {}}; },
      [&](Work& work, Index b) {
        for (Index sample = 0; sample < source.samples(); ++sample) {
          poll_interrupt_in_team();
          const AffineRows rows{source.block(blocks.begin(b), blocks.size(b), sample, work.buffer),
                                intercept};
          visit(work.partial, rows, blocks.begin(b));
        }
      },
      [&](Work& work) {
        total += work.partial;
        work.partial.clear();
      });
  return total;
}

// The partial sums there are.
struct ValueAndGradient {
  double value = 0;
  Vector gradient;

  explicit ValueAndGradient(Index n = 0) : gradient(Vector::Zero(n)) {}
  void operator+=(const ValueAndGradient& other) {
    value += other.value;
    gradient += other.gradient;
  }
  void clear() {
    value = 0;
    gradient.setZero();
  }
};

template <class M>
struct Sum {
  M value;

  void operator+=(const Sum& other) { value += other.value; }
  void clear() { value.setZero(); }
};

}  // namespace hessopt
