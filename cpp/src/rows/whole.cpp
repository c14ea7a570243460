#include "hessopt/rows/whole.hpp"

namespace hessopt {

double sum_of(const double* r, Index n) {
  constexpr Index width = 8;
  double sums[width] = {};
  Index i = 0;
  for (; i + width <= n; i += width)
    for (Index u = 0; u < width; ++u) sums[u] += r[i + u];
  for (; i < n; ++i) sums[0] += r[i];
  for (Index half = width / 2; half > 0; half /= 2)
    for (Index u = 0; u < half; ++u) sums[u] += sums[u + half];
  return sums[0];
}

void add_transposed(const WholeRows& x, bool intercept, const double* r, VectorRef g) {
  x.add_transposed(r, g.data());
  if (intercept) g[x.cols()] += sum_of(r, x.rows());
}

void move_origin(MatrixRef h, Vector& sums, double total, const Vector& origin) {
  const Vector half = sums - 0.5 * total * origin;
  h.selfadjointView<Eigen::Lower>().rankUpdate(half, origin, -1.0);
  sums -= total * origin;
}

void add_gram(const WholeRows& x, bool intercept, const double* w, const Vector& origin,
              MatrixRef h) {
  const Index p = x.cols();
  x.add_gram(w, h.topLeftCorner(p, p));
  if (!intercept && origin.size() == 0) return;
  Vector sums = Vector::Zero(p);
  x.add_transposed(w, sums.data());
  const double total = sum_of(w, x.rows());
  if (origin.size() > 0) move_origin(h.topLeftCorner(p, p), sums, total, origin);
  if (!intercept) return;
  h.row(p).head(p) += sums.transpose();
  h(p, p) += total;
}

double cost_of_gram(const WholeRows& x) {
  // In additions to memory: the loss of a row is 10 of them, of the multiply-adds of a factor,
  // which stay in registers, 16 are one.
  const auto n = static_cast<double>(x.rows()), p = static_cast<double>(x.cols());
  const double once = n * (10 + 2 * static_cast<double>(x.numbers_a_row()));
  return (x.gram_work() + p * p * p / 3 / 16) / once;
}

}  // namespace hessopt
