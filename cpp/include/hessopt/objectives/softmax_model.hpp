// Multi-class logistic regression: the weighted mean of log sum_k e^{eta_k} - eta_y plus a ridge
// penalty, where eta_k = x'w_k + b_k. Parameters class by class, each (w_k, b_k).
//
// With pi = softmax(eta), the derivatives in eta are pi - e_y and diag(pi) - pi pi'. As the
// probabilities sum to one, so do the blocks of the Hessian to zero,
//   H_kj = -X'diag(weight pi_k pi_j)X,   H_kk = -sum of H_kj over j other than k,
// which takes no difference of numbers that are nearly the same, however certain a class is.
#pragma once

#include <utility>

#include "hessopt/objectives/column_moments.hpp"
#include "hessopt/objectives/data.hpp"
#include "hessopt/objectives/linear_model.hpp"

namespace hessopt {

namespace detail {

// Probabilities of rows, a column per class, and the difference to one of the largest, to all its
// digits. There is room for whole chunks of rows.
struct Probabilities {
  Matrix each;
  Array top;   // class of the largest
  Array rest;  // the sum of the others
  Array loss;  // log sum_k e^{eta_k - eta_y}

  void make_room(Index rows, Index classes) {
    if (top.size() >= rows + chunk_rows && each.cols() == classes) return;
    each = Matrix::Zero(rows + chunk_rows, classes);
    top = rest = loss = Array::Zero(rows + chunk_rows);
  }

  // Some of the rows, as kernels know them.
  kernels::SoftmaxRows some(Index at, Index count) {
    return {count, each.cols(), &each(at, 0), each.rows(), &top[at], &rest[at], &loss[at]};
  }
};

// Completes a Hessian by classes whose blocks sum to zero in every row of blocks, from the lower
// triangles of -H_kj, k > j, in place of these blocks.
inline void from_pairs(Matrix& h, Index classes) {
  const Index m = h.cols() / classes;
  for (Index k = 0; k < classes; ++k) h.block(k * m, k * m, m, m).setZero();
  for (Index k = 1; k < classes; ++k)
    for (Index j = 0; j < k; ++j) {
      auto pair = h.block(k * m, j * m, m, m);
      mirror_lower(pair);
      h.block(k * m, k * m, m, m) += pair;
      h.block(j * m, j * m, m, m) += pair;
      pair = -pair;
    }
}

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
    const LinearModel<Rows> squares(AnyLoss("Squared"), std::move(data));
    return 0.5 * squares.evaluate(Vector::Zero(squares.n_parameters()), {.hessian = true}).hessian;
  }
  SoftmaxModel every(Index step) const { return {data_.every(step), classes_}; }
  const ColumnMoments& column_moments() const { return moments_.of(data_); }
  // Of a Hessian in single precision, in evaluations of value and gradient.
  double hessian_cost() const { return 1 + static_cast<double>(n_parameters()) / 20; }

  Evaluation evaluate(ConstVectorRef x, const Request& request) const {
    Evaluation zero(n_parameters(), request);
    if (request.residual) zero.residual.resize(static_cast<std::size_t>(classes_));
    Evaluation sum = sum_over_rows(data_.rows, data_.intercept, block_rows(request), zero,
                                   [&](Evaluation& partial, const AffineRows& block, Index begin) {
                                     add_block(partial, block, begin, x, request);
                                   });
    if (request.single_precision && !sum.hessian.allFinite()) {  // X is beyond its range
      Request wide = request;
      wide.single_precision = false;
      return evaluate(x, wide);
    }
    complete(sum.hessian);
    sum.finish(data_.penalty(), x, request);
    return sum;
  }
  Index block_rows(const Request& request) const {
    const Index cols = data_.rows.cols();
    return rows_per_block(request.hessian && cols < narrow ? n_parameters() : cols);
  }
  // What the rows from `begin` on add; the sum of Hessians is then to be completed.
  void add_block(Evaluation& partial, const AffineRows& block, Index begin, ConstVectorRef x,
                 const Request& request) const {
    thread_local detail::Probabilities pi;
    pi.make_room(block.rows(), classes_);
    add_slices(partial, block, begin, x, request, pi);
    thread_local RowMatrix shifted;
    if (request.hessian)
      add_pairs(partial.hessian, block.about(request.origin, shifted), begin, pi, request);
  }
  void complete(Matrix& hessian) const {
    if (hessian.size() > 0) detail::from_pairs(hessian, classes_);
  }
  // Of every row, the derivatives of its loss in the predictors.
  Matrix slopes(ConstVectorRef x) const {
    Matrix out(data_.rows.rows(), classes_);
    for_each_block(data_.rows, data_.intercept, [&](const AffineRows& rows, Index begin) {
      thread_local detail::Probabilities pi;
      const Index count = rows.rows();
      pi.make_room(count, classes_);
      predict(rows, x, pi.each.topRows(count), begin);
      kernels::softmax().look(pi.some(0, count), data_.target.data() + begin, {}, &out(begin, 0),
                              out.rows(), nullptr);
    });
    return out;
  }

 private:
  static constexpr Index narrow = 16;  // columns of X

  // All but the Hessian, for which the probabilities are left in `pi`.
  void add_slices(Evaluation& partial, const AffineRows& block, Index begin, ConstVectorRef x,
                  const Request& request, detail::Probabilities& pi) const {
    thread_local Matrix changes;
    changes.resize(most_rows_per_slice, classes_);
    Array squares(classes_);
    const Cut slices{block.rows(), rows_per_slice(data_.rows.cols())};
    for (Index s = 0; s < slices.count(); ++s) {
      const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
      const AffineRows rows = block.middle(at, count);
      const RowWeights weights = data_.weights(row);
      const kernels::SoftmaxRows of_slice = pi.some(at, count);
      MatrixRef change = changes.topRows(count);
      predict(rows, x, pi.each.middleRows(at, count), row);
      const bool wants_change = request.gradient || request.residual;
      partial.value += kernels::softmax().look(
          of_slice, data_.target.data() + row, weights, wants_change ? change.data() : nullptr,
          changes.rows(), request.residual ? squares.data() : nullptr);
      if (request.residual)
        add_squares(partial.residual, squares, data_.weights(row, count), change);
      if (request.gradient) add_transposed(rows, change, partial.gradient);
      for (Index k = 0; k < request.along.cols(); ++k) {
        predict(rows, request.along.col(k), change);
        kernels::softmax().multiply_by_curvature(of_slice, weights, change.data(), changes.rows());
        add_transposed(rows, change, partial.products.col(k));
      }
    }
  }

  // The squares of `change`, whose rows have been weighted, over the weights.
  static void add_squares(std::vector<SumOfSquares>& sums, const Array& squares,
                          const Array& weight, MatrixRef change) {
    for (Index k = 0; k < change.cols(); ++k)
      sums[static_cast<std::size_t>(k)].add(squares[k], [&]() -> Vector {
        const auto v = change.col(k).array();
        return (v == 0).select(v, v / weight.sqrt());
      });
  }

  // A column per class, whose parameters follow each other.
  void predict(const AffineRows& rows, ConstVectorRef x, MatrixRef out) const {
    const Index m = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k) rows.predict(x.segment(k * m, m), &out(0, k));
  }
  // With the offsets of the rows from `row` on.
  void predict(const AffineRows& rows, ConstVectorRef x, MatrixRef out, Index row) const {
    const Index m = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k)
      rows.predict(x.segment(k * m, m), &out(0, k), data_.offsets(row, k), data_.offset.cols());
  }
  void add_transposed(const AffineRows& rows, MatrixRef change, VectorRef sums) const {
    const Index m = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k) rows.add_transposed(&change(0, k), sums.segment(k * m, m));
  }

  // X'diag(weight pi_k pi_j)X, its lower triangle, in place of H_kj, k > j: see from_pairs.
  void add_pairs(MatrixRef h, const AffineRows& rows, Index begin, detail::Probabilities& pi,
                 const Request& request) const {
    const Index count = rows.rows(), m = data_.n_parameters_per_output();
    if (rows.cols() < narrow) return add_stacked(h, rows, data_.weights(begin, count), pi, request);
    const RowWeights weights = data_.weights(begin);
    const kernels::SoftmaxRows all = pi.some(0, count);
    Array of_both(count);
    for (Index k = 1; k < classes_; ++k) {
      poll_interrupt();
      for (Index j = 0; j < k; ++j) {
        kernels::softmax().weights_of(all, weights, k, j, of_both.data());
        rows.add_gram(of_both.data(), request.single_precision, h.block(k * m, j * m, m, m));
      }
    }
  }
  // The same for all pairs at once, as S'diag(weight)S with row i of S = (pi_i1 x_i, pi_i2 x_i,
  // ...): more than twice the flops, but with few columns a Gram matrix for each pair is mostly
  // overhead.
  void add_stacked(MatrixRef h, const AffineRows& rows, const Array& weight,
                   const detail::Probabilities& pi, const Request& request) const {
    thread_local RowMatrix stacked;
    stacked.resize(rows.rows(), n_parameters());
    rows.with_kernels([&](const auto& k, const auto& b) {
      k.stack(b, rows.intercept, pi.each.data(), pi.each.rows(), classes_, stacked.data());
    });
    if (request.single_precision)
      add_weighted_gram<float>(block_of(stacked), weight.data(), h);
    else
      add_weighted_gram<double>(block_of(stacked), weight.data(), h);
  }

  Data<Rows> data_;
  Index classes_;
  KnownMoments moments_;
};

}  // namespace hessopt
