#include "hessopt/batched/squares_batch.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/batched/tolerances.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/damped_squares.hpp"

namespace hessopt {
namespace {

constexpr double lossy = 1e-8;       // pivot of J'J, relative to its diagonal: half of the digits
constexpr double dependent = 1e-13;  // a column of J is, by less than this of itself

// In an order of its own.
double half_square_sum(const double* r, Index m) {
  constexpr Index width = 4;
  double sums[width] = {};
  Index k = 0;
  for (; k + width <= m; k += width)
    for (Index l = 0; l < width; ++l) sums[l] += r[k + l] * r[k + l];
  for (; k < m; ++k) sums[0] += r[k] * r[k];
  return 0.5 * ((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

}  // namespace

void SquaresBatch::tell(Index m, const double* r, const double* j, FoundRows rows) {
  const Index n = parameters();
  for_each_group([&](const Index* problems, Index count, Index position) {
    if (rows.rows)
      tell_some(problems, count, m, r, j, {rows.rows + position});
    else
      tell_some(problems, count, m, r + position * m, j + position * m * n, {});
  });
}

void SquaresBatch::tell_some(const Index* problems, Index count, Index m, const double* r,
                             const double* j, FoundRows rows) {
  const Index n = parameters();
  const kernels::BatchKernels& kernel = kernels::batch();
  Vector g(n);
  RowMatrix h(n, n);
  std::vector<Index> moving;
  for (Index q = 0; q < count; ++q) {
    const Index p = problems[q];
    const double *r_p = r + rows(q) * m, *j_p = j + rows(q) * m * n;
    const kernels::DenseBlock<double> block{j_p, m, n, n};
    g.setZero();
    h.setZero();
    kernel.add_rows_f64(block, r_p, g.data());
    kernel.add_squares_f64(block, nullptr, h.data(), n);
    Found found{half_square_sum(r_p, m), g.data(), h.data(), 0, 0, true};
    found.is_finite = std::isfinite(found.f);
    double move = 0, change = 0;  // of r and of f, as rounding x changes them
    for (Index i = 0; i < n; ++i) {
      found.is_finite = found.is_finite && std::isfinite(g[i]) && std::isfinite(h(i, i));
      move += batched::eps * std::sqrt(std::max(h(i, i), 0.0)) * std::abs(trial_(p, i));
      change += batched::eps * std::abs(g[i] * trial_(p, i));
    }
    found.size = cosine(p, found.f, g.data(), h.data());
    found.rounding = batched::hidden * found.f + change + move * move;
    const bool is_new = judge(p, found);
    if (is_new) damping(p).resolution = 32 * move * move;
    if (progress(p).status != Status::running) continue;
    if (is_new && damping(p).least_pivot < lossy && polish(p, m, r_p, j_p)) continue;
    moving.push_back(p);
  }
  choose_steps(moving);
}

// The largest of the residuals with a column that may move.
double SquaresBatch::cosine(Index p, double f, const double* g, const double* h) const {
  const Index n = parameters();
  double size = 0;
  for (Index i = 0; i < n; ++i) {
    const double square = 2 * f * h[i * n + i];
    if (square > 0 && !is_held(p, i, trial_(p, i), g[i]))
      size = std::max(size, std::abs(g[i]) / std::sqrt(square));
  }
  return size;
}

bool SquaresBatch::polish(Index p, Index m, const double* r, const double* j) {
  const Index n = parameters();
  std::vector<Index> free;
  for (Index i = 0; i < n; ++i)
    if (!is_held(p, i, x_(p, i), gradient_(p, i))) free.push_back(i);
  const Index count = std::ssize(free);
  if (count == 0 || m < count) return false;
  Matrix a(m, count);
  Vector b(m), s = Vector::Zero(n);
  for (Index k = 0; k < m; ++k) {
    b[k] = r[k];
    for (Index c = 0; c < count; ++c) {
      const Index i = free[static_cast<std::size_t>(c)];
      a(k, c) = j[k * n + i] / std::sqrt(scale_(p, i));
    }
  }
  const DampedSquares squares(a, b);
  const double lambda = damping(p).lambda;
  if (lambda == 0 && squares.dependent(dependent) >= 0) return false;
  const Vector scaled = squares.solve(lambda);
  double slope = 0;
  for (Index c = 0; c < count; ++c) {
    const Index i = free[static_cast<std::size_t>(c)];
    s[i] = scaled[c] / std::sqrt(scale_(p, i));
    slope += gradient_(p, i) * s[i];
    if (x_(p, i) + s[i] != within(p, i, x_(p, i) + s[i])) return false;
  }
  const double length = lambda > 0 ? scaled.squaredNorm() : 0;
  const double predicted = lambda > 0 ? 0.5 * (lambda * length - slope) : 0.5 * squares.decrease();
  if (!(predicted >= 0) || !s.allFinite()) return false;
  take(p, s.data(), predicted);
  return true;
}

void SquaresBatch::measure(Index p, const double* h) {
  const Index n = parameters();
  for (Index i = 0; i < n; ++i) {
    const double most = std::max(h[i * n + i], progress(p).evaluations == 1 ? 0 : scale_(p, i));
    scale_(p, i) = most > 0 ? most : 1;
  }
}

Status SquaresBatch::ending(Index p) {
  return progress(p).size <= options_.gtol ? Status::gradient : Status::running;
}

double SquaresBatch::first_length(Index p) const {
  double squares = 0;
  for (Index i = 0; i < parameters(); ++i) squares += scale_(p, i) * x_(p, i) * x_(p, i);
  return std::sqrt(squares);
}

}  // namespace hessopt
