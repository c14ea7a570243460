#include "hessopt/batched/newton_batch.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/batched/tolerances.hpp"

namespace hessopt {
namespace {

constexpr double flat = 1e-8;  // negative curvature, relative to H, that may be rounding

}  // namespace

void NewtonBatch::tell(const double* f, const double* g, const double* h, FoundRows rows) {
  const Index n = parameters();
  for_each_group([&](const Index* problems, Index count, Index position) {
    if (rows.rows)
      tell_some(problems, count, f, g, h, {rows.rows + position});
    else
      tell_some(problems, count, f + position, g + position * n, h + position * n * n, {});
  });
}

void NewtonBatch::tell_some(const Index* problems, Index count, const double* f, const double* g,
                            const double* h, FoundRows rows) {
  const Index n = parameters();
  std::vector<Index> moving;
  for (Index q = 0; q < count; ++q) {
    const Index p = problems[q], row = rows(q);
    Found found{f[row], g + row * n, h + row * n * n, 0, 0, std::isfinite(f[row])};
    found.rounding = batched::hidden * std::abs(found.f);
    for (Index i = 0; i < n; ++i) {
      found.rounding += batched::eps * std::abs(found.g[i] * trial_(p, i));
      for (Index j = 0; j <= i; ++j)
        found.is_finite = found.is_finite && std::isfinite(found.h[i * n + j]);
      found.is_finite = found.is_finite && std::isfinite(found.g[i]);
    }
    found.size = gradient_size(p, &trial_(p, 0), found.g);
    judge(p, found);
    if (progress(p).status == Status::running) moving.push_back(p);
  }
  choose_steps(moving);
}

void NewtonBatch::measure(Index p, const double* h) {
  const Index n = parameters();
  double most = 0;
  for (Index i = 0; i < n; ++i) most = std::max(most, std::abs(h[i * n + i]));
  scale_.row(p).setConstant(most > 0 ? most : 1);
}

Status NewtonBatch::ending(Index p) {
  const Progress& now = progress(p);
  if (now.size > options_.gtol * now.start_size) return Status::running;
  if (!is_positive(p, flat)) return Status::saddle;
  return runs_away(p) ? Status::unbounded : Status::gradient;
}

// Towards a minimum either the steps of Newton's method shrink or the gradient does by much more.
bool NewtonBatch::runs_away(Index p) {
  const Progress& now = progress(p);
  const Damping& d = damping(p);
  return now.iterations > 2 && d.lambda == 0 && d.shrinkage > 0.9 && d.pace > 0.1 &&
         now.size <= 1e-4 * now.start_size;
}

}  // namespace hessopt
