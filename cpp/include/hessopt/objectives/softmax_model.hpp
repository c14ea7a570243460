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

  // `each` holds predictors from row `at` on and becomes their softmax.
  void from_predictors(Index at, Index count, const double* labels) {
    for (Index i = 0; i < count; ++i) loss[at + i] = -each(at + i, static_cast<Index>(labels[i]));
    for (Index i = at; i < at + count; i += chunk_rows) softmax(i);
  }

  // Of class k in row i: 1 - pi_ik.
  double complement(Index i, Index k) const {
    return static_cast<double>(k) == top[i] ? rest[i] : 1.0 - each(i, k);
  }
  // Rows v from `at` on become their distance to their mean over the classes. Counted from the top
  // class, the mean holds no term that outweighs the others.
  template <class Change>
  void centre(Index at, Change v) const {
    Array shift(v.rows());
    for (Index i = 0; i < v.rows(); ++i) shift[i] = v(i, static_cast<Index>(top[at + i]));
    v.array().colwise() -= shift;
    shift = (each.middleRows(at, v.rows()).array() * v.array()).rowwise().sum();
    v.array().colwise() -= shift;
  }
  // Rows v from `at` on become (diag(pi) - pi pi') v.
  template <class Change>
  void multiply_by_curvature(Index at, Change v) const {
    centre(at, v);
    v.array() *= each.middleRows(at, v.rows()).array();
  }

 private:
  void softmax(Index i) {
    const auto chunk = [](double& from) { return Eigen::Map<Chunk>(&from); };
    const Chunk half = Chunk::Constant(0.5), zero = Chunk::Zero();
    Chunk largest = chunk(each(i, 0)), of_largest = zero, others = zero;
    for (Index k = 1; k < each.cols(); ++k) {
      const Chunk eta = chunk(each(i, k));
      of_largest = where_less(largest, eta, Chunk::Constant(static_cast<double>(k)), of_largest);
      largest = where_less(largest, eta, eta, largest);
    }
    for (Index k = 0; k < each.cols(); ++k) {
      const Chunk e = exponential_of_negative(chunk(each(i, k)) - largest);
      chunk(each(i, k)) = e;
      others += where_less((of_largest - static_cast<double>(k)).abs(), half, zero, e);
    }
    const Chunk scale = 1.0 / (1.0 + others);
    for (Index k = 0; k < each.cols(); ++k) chunk(each(i, k)) *= scale;
    chunk(top[i]) = of_largest;
    chunk(rest[i]) = others * scale;
    chunk(loss[i]) = (chunk(loss[i]) + largest) + others.log1p();
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
    const LinearModel<Rows> squares(Squared{}, std::move(data));
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
      add_pairs(partial.hessian, block.about(request.origin, shifted), begin, pi.each, request);
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
      MatrixRef each = pi.each.topRows(count);
      predict(rows, x, each);
      if (data_.offset.size() > 0) each += data_.offset.middleRows(begin, count);
      pi.from_predictors(0, count, data_.target.data() + begin);
      out.middleRows(begin, count) = each;
      for (Index i = 0; i < count; ++i) {
        const Index y = static_cast<Index>(data_.target[begin + i]);
        out(begin + i, y) = -pi.complement(i, y);
      }
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
    const Cut slices{block.rows(), rows_per_slice(data_.rows.cols())};
    for (Index s = 0; s < slices.count(); ++s) {
      const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
      const AffineRows rows = block.middle(at, count);
      const Array weight = data_.weights(row, count);
      MatrixRef each = pi.each.middleRows(at, count), change = changes.topRows(count);
      predict(rows, x, each);
      if (data_.offset.size() > 0) each += data_.offset.middleRows(row, count);
      data_.clear_weightless(row, each);
      pi.from_predictors(at, count, data_.target.data() + row);
      partial.value += (weight * pi.loss.segment(at, count)).sum();

      if (request.gradient || request.residual) {
        change = each;
        for (Index i = 0; i < count; ++i) {
          const Index y = static_cast<Index>(data_.target[row + i]);
          change(i, y) = -pi.complement(at + i, y);
        }
        if (request.residual) add_squares(partial.residual, weight, change);
        if (request.gradient) add_transposed(rows, weight, change, partial.gradient);
      }
      for (Index k = 0; k < request.along.cols(); ++k) {
        predict(rows, request.along.col(k), change);
        data_.clear_weightless(row, change);
        pi.multiply_by_curvature(at, change);
        add_transposed(rows, weight, change, partial.products.col(k));
      }
    }
  }

  static void add_squares(std::vector<SumOfSquares>& sums, const Array& weight, MatrixRef change) {
    for (Index k = 0; k < change.cols(); ++k) {
      const auto v = change.col(k).array();
      sums[static_cast<std::size_t>(k)].add((weight * v.square()).sum(),
                                            [&]() -> Vector { return weight.sqrt() * v; });
    }
  }

  // A column per class, whose parameters follow each other.
  void predict(const AffineRows& rows, ConstVectorRef x, MatrixRef out) const {
    const Index m = data_.n_parameters_per_output();
    for (Index k = 0; k < classes_; ++k) rows.predict(x.segment(k * m, m), &out(0, k));
  }
  void add_transposed(const AffineRows& rows, const Array& weight, MatrixRef change,
                      VectorRef sums) const {
    const Index m = data_.n_parameters_per_output();
    change.array().colwise() *= weight;
    for (Index k = 0; k < classes_; ++k) rows.add_transposed(&change(0, k), sums.segment(k * m, m));
  }

  // X'diag(weight pi_k pi_j)X, its lower triangle, in place of H_kj, k > j: see from_pairs.
  void add_pairs(MatrixRef h, const AffineRows& rows, Index begin, const Matrix& pi,
                 const Request& request) const {
    const Index count = rows.rows(), m = data_.n_parameters_per_output();
    const Array weight = data_.weights(begin, count);
    if (rows.cols() < narrow) return add_stacked(h, rows, weight, pi, request);
    for (Index k = 1; k < classes_; ++k) {
      poll_interrupt();
      const Array of_k = weight * pi.col(k).head(count).array();
      for (Index j = 0; j < k; ++j) {
        const Array of_both = of_k * pi.col(j).head(count).array();
        rows.add_gram(of_both.data(), request.single_precision, h.block(k * m, j * m, m, m));
      }
    }
  }
  // The same for all pairs at once, as S'diag(weight)S with row i of S = (pi_i1 x_i, pi_i2 x_i,
  // ...): more than twice the flops, but with few columns a Gram matrix for each pair is mostly
  // overhead.
  void add_stacked(MatrixRef h, const AffineRows& rows, const Array& weight, const Matrix& pi,
                   const Request& request) const {
    const Index m = data_.n_parameters_per_output();
    thread_local RowMatrix buffer, stacked;
    const RowBlock<double> x = rows.wide(buffer);
    stacked.resize(x.rows(), n_parameters());
    for (Index k = 0; k < classes_; ++k) {
      const auto of_k = pi.col(k).head(x.rows());
      auto s = stacked.middleCols(k * m, m);
      s.leftCols(x.cols()) = of_k.asDiagonal() * x;
      if (rows.intercept) s.rightCols(1) = of_k;
    }
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
