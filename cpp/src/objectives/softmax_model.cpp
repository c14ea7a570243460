#include "hessopt/objectives/softmax_model.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

constexpr Index few_columns = 16;    // of X
constexpr double rounded = 0x1p-23;  // of a predictor in float32, relatively: the error of its sums

// The squares of `change`, whose rows have been weighted, over the weights.
void add_squares_of_classes(std::vector<SumOfSquares>& sums, const Array& squares,
                            const Array& weight, MatrixRef change) {
  for (Index k = 0; k < change.cols(); ++k)
    sums[static_cast<std::size_t>(k)].add(squares[k], [&]() -> Vector {
      const auto v = change.col(k).array();
      return (v == 0).select(v, v / weight.sqrt());
    });
}

void add_offsets(const Data& data, Index row, MatrixRef out) {
  if (data.offset.size() > 0) out += data.offset.middleRows(row, out.rows());
}

}  // namespace

void predict_classes(const Block& rows, ConstVectorRef x, MatrixRef out) {
  const Index m = rows.width();
  for (Index k = 0; k < out.cols(); ++k) rows.predict(x.segment(k * m, m), &out(0, k));
}
void predict_classes(const Block& rows, ConstVectorRef x, MatrixRef out, const Data& data,
                     Index row) {
  const Index m = rows.width();
  for (Index k = 0; k < out.cols(); ++k)
    rows.predict(x.segment(k * m, m), &out(0, k), data.offsets(row, k), data.offset.cols());
}
void add_transposed_classes(const Block& rows, const MatrixRef& r, VectorRef sums) {
  const Index m = rows.width();
  for (Index k = 0; k < r.cols(); ++k) rows.add_transposed(&r(0, k), sums.segment(k * m, m));
}

void complete_from_pairs(Matrix& h, Index classes) {
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

SoftmaxModel::SoftmaxModel(Data data, Index n_classes)
    : ModelOfRows(std::move(data)), classes_(n_classes) {
  require(n_classes >= 2, "y", std::to_string(n_classes) + " class(es)", "at least 2 classes");
  for (const double y : this->data().target)
    if (!(y >= 0 && y < static_cast<double>(classes_) && y == std::floor(y)))
      throw ArgumentError("y", "the target " + text(y), "integer labels 0 .. n_classes - 1");
  if (this->data().offset.size() > 0) require_size("offset", this->data().offset.cols(), classes_);
}

Matrix SoftmaxModel::curvature_bound() const {
  Data half = data();
  half.target.setZero();
  half.offset.resize(0, 0);
  half.l2 *= 2;
  const LinearModel squares(AnyLoss("Squared"), std::move(half));
  return 0.5 * squares.evaluate(Vector::Zero(squares.n_parameters()), {.hessian = true}).hessian;
}

Index SoftmaxModel::block_rows(const Request& request) const {
  if (is_sparse(data().rows)) return rows_per_block(data().rows.numbers_a_row());
  const Index cols = data().rows.cols();
  return rows_per_block(request.hessian && cols < few_columns ? n_parameters() : cols);
}

// What a block of rows is worked on in: coefficients and sums of their products in the width that
// these are summed in.
struct SoftmaxModel::Room {
  Probabilities pi;
  Matrix changes, predictors;
  OutputVectors at, gradient;
  std::vector<OutputVectors> along, products;

  void prepare(const Block& block, Index classes, ConstVectorRef x, const Request& request) {
    pi.make_room(block.rows(), classes);
    changes.resize(most_rows_per_slice, classes);
    predictors.resize(most_rows_per_slice, classes);
    block.make_vectors(at, classes);
    at.set(x);
    block.make_vectors(gradient, classes);
    gradient.clear();
    along.resize(static_cast<std::size_t>(request.along.cols()));
    products.resize(along.size());
    for (std::size_t k = 0; k < along.size(); ++k) {
      block.make_vectors(along[k], classes);
      along[k].set(request.along.col(static_cast<Index>(k)));
      block.make_vectors(products[k], classes);
      products[k].clear();
    }
  }
  void add_to(Evaluation& partial, const Request& request) const {
    if (request.gradient) gradient.add_to(partial.gradient);
    for (std::size_t k = 0; k < products.size(); ++k)
      products[k].add_to(partial.products.col(static_cast<Index>(k)));
  }
};

void SoftmaxModel::add_block(Evaluation& partial, const Block& block, Index begin, ConstVectorRef x,
                             const Request& request) const {
  thread_local Room room;
  room.prepare(block, classes_, x, request);
  add_slices(partial, block, begin, request, room);
  room.add_to(partial, request);
  thread_local RowMatrix shifted;
  if (request.hessian)
    add_pairs(partial.hessian, block.about(request.origin, shifted), begin, room.pi, request);
}

void SoftmaxModel::add_whole(Evaluation& sum, const WholeRows& rows, ConstVectorRef x,
                             const Request& request) const {
  const Index n = rows.rows(), m = data().n_parameters_per_output();
  const bool intercept = data().intercept;
  Probabilities pi;
  pi.make_room(n, classes_);
  Matrix change(n + kernels::chunk_rows, classes_ * (1 + request.along.cols()));
  add_values(sum, [&](Evaluation& partial, const Block& block, Index begin) {
    const Index count = block.rows();
    const RowWeights weights = data().weights(begin);
    const kernels::SoftmaxRows of_block = pi.some(begin, count);
    Array squares(classes_);
    predict_classes(block, x, pi.each.middleRows(begin, count), data(), begin);
    MatrixRef slopes = change.block(begin, 0, count, classes_);
    partial.value += kernels::softmax().evaluate(
        of_block, data().target.data() + begin, weights, slopes.data(), change.rows(),
        partial.residual.empty() ? nullptr : squares.data());
    if (!partial.residual.empty())
      add_squares_of_classes(partial.residual, squares, data().weights(begin, count), slopes);
    for (Index k = 0; k < request.along.cols(); ++k) {
      MatrixRef along = change.block(begin, (k + 1) * classes_, count, classes_);
      predict_classes(block, request.along.col(k), along);
      kernels::softmax().multiply_by_curvature(of_block, weights, along.data(), change.rows());
    }
  });
  for (Index k = 0; k < classes_; ++k) {
    if (request.gradient)
      add_transposed(rows, intercept, &change(0, k), sum.gradient.segment(k * m, m));
    for (Index v = 0; v < request.along.cols(); ++v)
      add_transposed(rows, intercept, &change(0, (v + 1) * classes_ + k),
                     sum.products.col(v).segment(k * m, m));
  }
  Array of_both(n);
  for (Index k = 1; request.hessian && k < classes_; ++k)
    for (Index j = 0; j < k; ++j) {
      kernels::softmax().weights_of(pi.some(0, n), data().weights(0), k, j, of_both.data());
      add_gram(rows, intercept, of_both.data(), request.origin,
               sum.hessian.block(k * m, j * m, m, m));
    }
}

double SoftmaxModel::hessian_cost() const {
  if (const auto* rows = sparse_part(data().rows))
    return 1 + cost_of_gram(*rows) * static_cast<double>(classes_ - 1) / 2;
  return 1 + static_cast<double>(n_parameters()) / 20;
}

void SoftmaxModel::complete(Matrix& hessian) const {
  if (hessian.size() > 0) complete_from_pairs(hessian, classes_);
}

Matrix SoftmaxModel::slopes(ConstVectorRef x) const {
  Matrix out(data().rows.rows(), classes_);
  for_each_block(data().rows, data().intercept, [&](const Block& rows, Index begin) {
    thread_local Probabilities pi;
    const Index count = rows.rows();
    pi.make_room(count, classes_);
    predict_classes(rows, x, pi.each.topRows(count), data(), begin);
    kernels::softmax().evaluate(pi.some(0, count), data().target.data() + begin, {}, &out(begin, 0),
                                out.rows(), nullptr);
  });
  return out;
}

// All but the Hessian, for which the probabilities are left in `room`.
void SoftmaxModel::add_slices(Evaluation& partial, const Block& block, Index begin,
                              const Request& request, Room& room) const {
  Array squares(classes_);
  const Index stride = room.changes.rows();
  const Cut slices{block.rows(),
                   block.is_sparse() ? most_rows_per_slice : rows_per_slice(block.cols())};
  for (Index s = 0; s < slices.count(); ++s) {
    const Index at = slices.begin(s), count = slices.size(s), row = begin + at;
    const Block rows = block.middle(at, count);
    const RowWeights weights = data().weights(row);
    const kernels::SoftmaxRows of_slice = room.pi.some(at, count);
    MatrixRef change = room.changes.topRows(count);
    rows.predict(room.at, of_slice.each, of_slice.stride);
    add_offsets(data(), row, room.pi.each.middleRows(at, count));
    const bool wants_change = request.gradient || request.residual;
    const bool wants_error = request.residual && room.at.is_single();
    if (wants_error) room.predictors.topRows(count) = room.pi.each.middleRows(at, count);
    partial.value += kernels::softmax().evaluate(of_slice, data().target.data() + row, weights,
                                                 wants_change ? change.data() : nullptr, stride,
                                                 request.residual ? squares.data() : nullptr);
    if (request.residual)
      add_squares_of_classes(partial.residual, squares, data().weights(row, count), change);
    if (wants_error)  // errors of different rows have nothing in common
      partial.value_error +=
          rounded * rounded * change.cwiseProduct(room.predictors.topRows(count)).squaredNorm();
    if (request.gradient) rows.add_transposed(change.data(), stride, room.gradient);
    for (std::size_t k = 0; k < room.along.size(); ++k) {
      rows.predict(room.along[k], change.data(), stride);
      kernels::softmax().multiply_by_curvature(of_slice, weights, change.data(), stride);
      rows.add_transposed(change.data(), stride, room.products[k]);
    }
  }
}

// X'diag(weight pi_k pi_j)X, its lower triangle, in place of H_kj, k > j: see complete_from_pairs.
void SoftmaxModel::add_pairs(MatrixRef h, const Block& rows, Index begin, Probabilities& pi,
                             const Request& request) const {
  const Index count = rows.rows(), m = rows.width();
  if (rows.cols() < few_columns && !rows.is_sparse())
    return add_stacked(h, rows, data().weights(begin, count), pi, request);
  const RowWeights weights = data().weights(begin);
  const kernels::SoftmaxRows all = pi.some(0, count);
  Array of_both(count);
  for (Index k = 1; k < classes_; ++k) {
    poll_interrupt();
    for (Index j = 0; j < k; ++j) {
      kernels::softmax().weights_of(all, weights, k, j, of_both.data());
      rows.add_gram(of_both.data(), request.rough, h.block(k * m, j * m, m, m));
    }
  }
}

// The same for all pairs at once, as S'diag(weight)S with row i of S = (pi_i1 x_i, pi_i2 x_i, ...):
// more than twice the flops, but with few columns a Gram matrix for each pair is mostly overhead.
void SoftmaxModel::add_stacked(MatrixRef h, const Block& rows, const Array& weight,
                               const Probabilities& pi, const Request& request) const {
  thread_local RowMatrix buffer, stacked;
  stacked.resize(rows.rows(), n_parameters());
  const RowBlock<double> x = rows.wide(buffer);
  kernels::softmax().stack(dense(x), rows.intercept(), pi.each.data(), pi.each.rows(), classes_,
                           stacked.data());
  dense_block(stacked, false).add_gram(weight.data(), request.rough, h);
}

}  // namespace hessopt
