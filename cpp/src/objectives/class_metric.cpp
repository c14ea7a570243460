#include "hessopt/objectives/class_metric.hpp"

#include <utility>

#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

constexpr double least_curvature = 1e-20;  // a mean of probabilities: every row is certain
constexpr double least_left = 1e-3;        // of the squares of a column, once its mean is taken off
constexpr double perturbation = 1e-6;      // of covariances, as float32 makes it

// Weights of the rows, and the sum of the rows so weighted: of each column, and of the weights.
struct Sums {
  Vector rows;

  void operator+=(const Sums& other) { rows += other.rows; }
  void clear() { rows.setZero(); }
};

// weight_i (1 - sum_k pi_k^2) / (K - 1)
Array doubts(const SoftmaxModel& model, ConstVectorRef x) {
  const Data& data = model.data();
  const Index classes = model.n_classes();
  Array out(data.rows.rows());
  for_each_block(data.rows, data.intercept, [&](const Block& rows, Index begin) {
    thread_local Probabilities pi;
    const Index count = rows.rows();
    pi.make_room(count, classes);
    predict_classes(rows, x, pi.each.topRows(count), data, begin);
    kernels::softmax().evaluate(pi.some(0, count), data.target.data() + begin, {}, nullptr, 0,
                                nullptr);
    const Array weight = data.weights(begin, count);
    for (Index i = 0; i < count; ++i) {
      const auto top = static_cast<Index>(pi.top[i]);
      double sum = pi.each(i, top) * pi.rest[i];  // 1 - pi to all its digits
      for (Index k = 0; k < classes; ++k)
        if (k != top) sum += pi.each(i, k) * (1 - pi.each(i, k));
      out[begin + i] = weight[i] * sum / static_cast<double>(classes - 1);
    }
  });
  return out;
}

Vector sum_of_rows(const Data& data, const Array& weight) {
  return sum_over_rows(data.rows, true, rows_per_block(data.rows.cols()),
                       rows_per_small_task(data.rows.cols()),
                       Sums{Vector::Zero(data.rows.cols() + 1)},
                       [&](Sums& partial, const Block& rows, Index begin) {
                         rows.add_transposed(weight.data() + begin, partial.rows);
                       })
      .rows;
}

template <Real T>
void add_gram(const MatrixView<T>& x, const Array& weight, MatrixRef lower) {
  const VectorOf<T> w = weight.cast<T>();
  add_weighted_gram(x, VectorView<T>{w.data(), w.size(), 1}, lower);
}

}  // namespace

std::optional<ClassMetric> class_metric(const SoftmaxModel& model, ConstVectorRef x,
                                        const Vector& scale, Index step) {
  const SoftmaxModel sample = model.every(step);
  const Data& data = sample.data();
  const auto* rows = data.rows.get_if<DenseRows>();
  if (rows == nullptr) return {};
  const Index p = data.rows.cols();
  const Array weight = doubts(sample, x);
  Vector sums = sum_of_rows(data, weight);
  const double curvature = sums[p];
  if (!(curvature > least_curvature)) return {};
  Matrix c = Matrix::Zero(p, p);
  // Of weights that sum to 1, so that products leave the range of float32 only where X does.
  std::visit([&](const auto& view) { add_gram(view, weight / curvature, c); }, rows->view());
  const Vector mean = data.intercept ? Vector(sums.head(p) / curvature) : Vector::Zero(p);
  const Vector raw = c.diagonal();
  const Vector l2 = data.l2.size() == p ? data.l2 : Vector::Constant(p, data.l2[0]);
  for (Index j = 0; j < p; ++j)
    for (Index i = j; i < p; ++i) c(i, j) = (c(i, j) - mean[i] * mean[j]) / (scale[i] * scale[j]);
  for (Index j = 0; j < p; ++j) {
    const double own = c(j, j) * scale[j] * scale[j];
    if (own < least_left * raw[j] && raw[j] > 0) return {};
    c(j, j) += l2[j] / (curvature * scale[j] * scale[j]) + perturbation * c(j, j);
  }
  if (!c.diagonal().allFinite() || cholesky_factor<double>(c).failed()) return {};
  return ClassMetric{data.intercept ? mean : Vector(), std::move(c), curvature};
}

}  // namespace hessopt
