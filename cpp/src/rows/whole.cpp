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

void add_gram(const WholeRows& x, bool intercept, const double* w, const Vector& origin,
              MatrixRef h) {
  const Index p = x.cols();
  x.add_gram(w, h.topLeftCorner(p, p));
  if (!intercept && origin.size() == 0) return;
  Vector sums = Vector::Zero(p);
  x.add_transposed(w, sums.data());
  const double total = sum_of(w, x.rows());
  if (origin.size() > 0) {  // Z'WZ = X'WX - s o' - o s' + (sum w) o o' with s = X'w
    const Vector half = sums - 0.5 * total * origin;
    h.topLeftCorner(p, p).selfadjointView<Eigen::Lower>().rankUpdate(half, origin, -1.0);
    sums -= total * origin;
  }
  if (!intercept) return;
  h.row(p).head(p) += sums.transpose();
  h(p, p) += total;
}

}  // namespace hessopt
