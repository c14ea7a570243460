#include "hessopt/expectation/closed_form.hpp"

#include <utility>

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
struct ClosedForm::Point {
  ConstVectorRef x;
  Vector squares;  // c w o w
  Matrix along;    // 2 c w o v
};
struct ClosedForm::Partial {
  Evaluation sum;
  Vector slope, curvature;  // (X 1)'F_mu, P'F_s
  Matrix along;             // P' times what multiplies V in the products

  Partial(Index n, Index p, const Request& request)
      : sum(n, request),
        slope(Vector::Zero(n)),
        curvature(Vector::Zero(p)),
        along(Matrix::Zero(p, request.along.cols())) {}
  void operator+=(const Partial& other) {
    sum += other.sum;
    slope += other.slope;
    curvature += other.curvature;
    along += other.along;
  }
  void clear() {
    sum.clear();
    slope.setZero();
    curvature.setZero();
    along.setZero();
  }
};

Evaluation ClosedForm::evaluate(ConstVectorRef x, const Request& request) const {
  const Index p = data_.rows.cols();
  Point at{x, variance_.c * x.head(p).cwiseAbs2(), Matrix(p, request.along.cols())};
  for (Index k = 0; k < request.along.cols(); ++k)
    at.along.col(k) = 2 * variance_.c * x.head(p).cwiseProduct(request.along.col(k).head(p));
  const Index dense = request.hessian ? rows_per_gram_block(p) : rows_per_block(p);
  Partial sum = sum_over_rows(
      data_.rows, data_.intercept,
      is_sparse(data_.rows) ? rows_per_block(data_.rows.numbers_a_row()) : dense,
      request.hessian ? rows_per_gram_task(data_.rows) : rows_per_task(data_.rows),
      Partial(n_parameters(), p, request), [&](Partial& partial, const Block& block, Index begin) {
        thread_local Matrix derivatives;
        const Index room = block.rows() + chunk_rows;
        if (derivatives.rows() < room) derivatives.resize(room, 5);
        add_slices(partial, block, begin, at, request, derivatives);
        if (request.hessian) add_hessian(partial.sum.hessian, block, x, request, derivatives);
      });
  return finish(sum, x, request);
}

// All but the Hessian's Gram matrices, for which the derivatives of the block are left.
void ClosedForm::add_slices(Partial& partial, const Block& block, Index begin, const Point& at,
                            const Request& request, Matrix& derivatives) const {
  const Cut slices{block.rows(),
                   block.is_sparse() ? most_rows_per_slice : rows_per_slice(block.cols())};
  for (Index s = 0; s < slices.count(); ++s) {
    const Index first = slices.begin(s), count = slices.size(s);
    const RowsAndSquares rows(block.middle(first, count), variance_.additive);
    alignas(64) double law[2][most_rows_per_slice];  // mean, variance
    rows.predict(at.x, at.squares, law[0], law[1]);
    const Index row = begin + first;
    const auto of = [&](int order) { return &derivatives(first, order); };
    partial.sum.value += marginal_.add_up(
        {count, law[0], law[1], data_.offsets(row), data_.target.data() + row, data_.weights(row)},
        {of(mean), of(variance), of(mean_mean), of(mean_variance), of(variance_variance)});

    rows.add_transposed(of(mean), of(variance), partial.slope, partial.curvature);
    for (Index k = 0; k < request.along.cols(); ++k) {
      rows.predict(request.along.col(k), at.along.col(k), law[0], law[1]);
      kernels::losses().multiply_by_pairs(count, of(mean_mean), of(mean_variance),
                                          of(variance_variance), law[0], law[1]);
      rows.add_transposed(law[0], law[1], partial.sum.products.col(k), partial.along.col(k));
    }
  }
}

// lower(H) += [X V]'W[X V], W_i the 2 x 2 matrix of second derivatives at row i.
void ClosedForm::add_hessian(MatrixRef h, const Block& rows, ConstVectorRef x,
                             const Request& request, const Matrix& derivatives) const {
  if (variance_.additive) return add_low_rank(h, rows, x, request, derivatives);
  // W_i = sum of l (a, b)'(a, b) over its two axes, so this is a weighted Gram of 2 rows
  // a x_i + b v_i for each row.
  const Vector slope = 2 * variance_.c * x.head(rows.cols());
  const Index n = rows.rows();
  thread_local Matrix axes;  // a, b, l of the one and of the other
  if (axes.rows() < n) axes.resize(n, 6);
  double* columns[6];
  for (Index k = 0; k < 6; ++k) columns[k] = &axes(0, k);
  const auto of = [&](int order) { return &derivatives(0, order); };
  kernels::losses().find_axes(n, of(mean_mean), of(mean_variance), of(variance_variance), columns);
  if (rows.is_sparse()) return add_stored(h, rows, slope, axes);
  thread_local RowMatrix buffer, combined;
  const RowBlock<double> wide = rows.wide(buffer);
  combined.resize(n, h.cols());
  for (Index axis = 0; axis < 6; axis += 3) {
    kernels::losses().combine_rows(dense(wide), rows.intercept(), slope.data(), columns[axis],
                                   columns[axis + 1], combined.data());
    dense_block(combined, false).add_gram(columns[axis + 2], request.rough, h);
  }
}

// The same rows where most of their numbers are zeros.
void ClosedForm::add_stored(MatrixRef h, const Block& rows, const Vector& slope,
                            const Matrix& axes) const {
  thread_local StoredRows stored, combined;
  rows.store(stored);
  for (Index axis = 0; axis < 6; axis += 3) {
    combined.clear();
    for (Index i = 0; i < rows.rows(); ++i) {
      const double a = axes(i, axis), b = axes(i, axis + 1);
      const auto row = static_cast<std::size_t>(i);
      for (auto k = static_cast<std::size_t>(stored.starts[row]);
           k < static_cast<std::size_t>(stored.starts[row + 1]); ++k)
        combined.add(stored.columns[k],
                     stored.values[k] * (a + b * slope[stored.columns[k]] * stored.values[k]));
      if (rows.intercept()) combined.add(rows.cols(), a);
      combined.end_row();
    }
    combined.block(h.cols(), false).add_gram(&axes(0, axis + 2), false, h);
  }
}

// Where all rows of V are one row v.
void ClosedForm::add_low_rank(MatrixRef h, const Block& rows, ConstVectorRef x,
                              const Request& request, const Matrix& derivatives) const {
  rows.add_gram(&derivatives(0, mean_mean), request.rough, h);
  Vector v = Vector::Zero(h.cols()), cross = v;
  v.head(rows.cols()) = 2 * variance_.c * x.head(rows.cols());
  rows.add_transposed(&derivatives(0, mean_variance), cross);
  auto lower = h.selfadjointView<Eigen::Lower>();
  lower.rankUpdate(cross, v);
  lower.rankUpdate(v, derivatives.col(variance_variance).head(rows.rows()).sum());
}

Evaluation ClosedForm::finish(Partial& partial, ConstVectorRef x, const Request& request) const {
  Evaluation& sum = partial.sum;
  const Index p = data_.rows.cols();
  const auto w = x.head(p);
  const Vector curvature = 2 * variance_.c * partial.curvature;
  if (request.gradient) {
    sum.gradient = partial.slope;
    sum.gradient.head(p) += w.cwiseProduct(curvature);
  }
  if (request.hessian) sum.hessian.diagonal().head(p) += curvature;
  for (Index k = 0; k < request.along.cols(); ++k)
    sum.products.col(k).head(p) += 2 * variance_.c * w.cwiseProduct(partial.along.col(k)) +
                                   curvature.cwiseProduct(request.along.col(k).head(p));
  sum.finish(data_.penalty(), x, request);
  return std::move(sum);
}

}  // namespace hessopt
