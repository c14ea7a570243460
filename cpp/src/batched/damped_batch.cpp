#include "hessopt/batched/damped_batch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/batched/tolerances.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

constexpr double slight = 0.01;       // share of damping that hardly changes a step
constexpr double most_lambda = 1e20;  // beyond which no step is left
constexpr double singular = 4e-15;    // pivot, relative to its diagonal, that is none
constexpr Index most_failures = 80;

}  // namespace

// Of the problems that new steps are chosen for, a row each.
struct DampedBatch::Subproblems {
  const std::vector<Index>& problems;
  RowMatrix right, out, step;
  std::vector<unsigned char> held;

  unsigned char* held_of(Index q) { return held.data() + q * step.cols(); }
};

DampedBatch::DampedBatch(RowMatrix x0, BatchOptions options)
    : Batch(std::move(x0), std::move(options)),
      curvature_(RowMatrix::Zero(problems(), parameters() * (parameters() + 1) / 2)),
      scale_(RowMatrix::Zero(problems(), parameters())),
      damping_(static_cast<std::size_t>(problems())) {}

bool DampedBatch::judge(Index p, const Found& found) {
  Progress& now = progress(p);
  ++now.evaluations;
  if (now.evaluations == 1) {
    now.f = found.f;
    if (!found.is_finite) {
      end(p, Status::non_finite);
      return false;
    }
    now.start_size = gradient_size(p, &trial_(p, 0), found.g);
    accept(p, found);
  } else {
    if (refuse(p, found)) return false;
    ++now.iterations;
    accept(p, found);
  }
  const Status status = ending(p);
  if (status != Status::running)
    end(p, status);
  else if (now.iterations >= options_.maxiter)
    end(p, Status::max_iterations);
  return true;
}

// Where rounding hides the decrease, the gradient tells which point is better.
bool DampedBatch::refuse(Index p, const Found& found) {
  const Progress& now = progress(p);
  Damping& d = damping(p);
  const double fall = now.f - found.f;
  const bool is_hidden =
      found.is_finite && std::abs(fall) <= now.rounding && d.predicted <= now.rounding;
  if (is_hidden && found.size < now.size) {
    adapt(d, 1);
    return false;
  }
  if (found.is_finite && fall > 0 && fall > batched::sufficient * d.predicted) {
    adapt(d, fall / d.predicted);
    return false;
  }
  d.is_finite = found.is_finite;
  // Whatever f does there, the model alone promises nothing.
  if (found.is_finite && d.share <= 0.1) d.promised = d.predicted;
  const bool is_flat = d.promised <= (is_hidden ? 10 : 1) * now.rounding;
  if (found.is_finite && (is_flat || (is_hidden && std::isfinite(d.promised)))) {
    end(p, is_flat ? Status::rounding_floor : Status::line_search);
    return true;
  }
  if (is_hidden) {  // so may be what a step without damping promises
    d.lambda = 0;
    ++d.failures;
    return true;
  }
  const double more = found.is_finite ? 1 : 10;
  d.lambda = more * std::max(4 * d.lambda, d.halving);
  if (++d.failures > most_failures || !(d.lambda < most_lambda))
    end(p, found.is_finite ? Status::line_search : Status::non_finite);
  return true;
}

void DampedBatch::adapt(Damping& d, double ratio) {
  d.failures = 0;
  d.promised = std::numeric_limits<double>::infinity();
  if (ratio < 0.25)
    d.lambda = std::max(2 * d.lambda, 0.1 * d.halving);
  else if (d.share < slight)
    d.lambda = 0;
  else if (ratio > 0.75)
    d.lambda *= ratio > 0.9 ? 0.1 : 0.25;
}

void DampedBatch::accept(Index p, const Found& found) {
  Progress& now = progress(p);
  damping(p).pace = now.size > 0 ? found.size / now.size : 0;
  advance(p, found.f, found.g, found.size);
  now.rounding = found.rounding;
  const Index n = parameters();
  double* to = &curvature_(p, 0);
  for (Index i = 0; i < n; ++i) to = std::copy_n(found.h + i * n, i + 1, to);
  measure(p, found.h);
}

void DampedBatch::choose_steps(const std::vector<Index>& problems) {
  const Index n = parameters(), count = std::ssize(problems);
  if (count == 0) return;
  const kernels::BatchKernels& kernel = kernels::batch();
  const Scratch scratch(kernel.scratch(n));
  Subproblems all{problems, RowMatrix(count, n), RowMatrix(count, n), RowMatrix(count, n),
                  std::vector<unsigned char>(static_cast<std::size_t>(count * n))};
  std::vector<Index> todo, again;
  for (Index q = 0; q < count; ++q) {
    if (raise(all, q, damping(problems[static_cast<std::size_t>(q)]).lambda)) todo.push_back(q);
  }
  std::vector<kernels::DampedSystem> systems(static_cast<std::size_t>(kernel.lanes));
  for (; !todo.empty(); todo.swap(again)) {
    again.clear();
    for (Index begin = 0; begin < std::ssize(todo); begin += kernel.lanes) {
      const Index used = std::min(kernel.lanes, std::ssize(todo) - begin);
      for (Index l = 0; l < used; ++l) {
        const Index q = todo[static_cast<std::size_t>(begin + l)];
        const Index p = problems[static_cast<std::size_t>(q)];
        systems[static_cast<std::size_t>(l)] = {&curvature_(p, 0),
                                                &scale_(p, 0),
                                                &all.right(q, 0),
                                                all.held_of(q),
                                                damping(p).lambda,
                                                &all.out(q, 0),
                                                0};
      }
      kernel.solve_damped(systems.data(), used, n, singular, scratch.data());
      for (Index l = 0; l < used; ++l) {
        const Index q = todo[static_cast<std::size_t>(begin + l)];
        if (continues(all, q, systems[static_cast<std::size_t>(l)].least_pivot)) again.push_back(q);
      }
    }
  }
}

// A new lambda, and all that may move free again. False where lambda is beyond use.
bool DampedBatch::raise(Subproblems& all, Index q, double lambda) {
  const Index n = parameters(), p = all.problems[static_cast<std::size_t>(q)];
  damping(p).lambda = lambda;
  if (!(lambda < most_lambda)) {
    end(p, damping(p).is_finite ? Status::line_search : Status::non_finite);
    return false;
  }
  unsigned char* held = all.held_of(q);
  for (Index i = 0; i < n; ++i) {
    held[i] = is_held(p, i, x_(p, i), gradient_(p, i)) ? 1 : 0;
    all.right(q, i) = -gradient_(p, i);
    all.step(q, i) = 0;
  }
  return true;
}

bool DampedBatch::continues(Subproblems& all, Index q, double pivot) {
  const Index n = parameters(), p = all.problems[static_cast<std::size_t>(q)];
  Damping& d = damping(p);
  d.least_pivot = pivot;
  if (pivot == 0) return raise(all, q, std::max(10 * d.lambda, least_shift()));
  double *s = &all.step(q, 0), *right = &all.right(q, 0);
  unsigned char* held = all.held_of(q);
  const double* out = &all.out(q, 0);
  bool leaves = false;
  for (Index i = 0; i < n; ++i) {
    if (held[i]) continue;
    s[i] = out[i];
    const double to = x_(p, i) + out[i];
    leaves = leaves || to != within(p, i, to);
  }
  const bool is_first = progress(p).iterations == 0 && d.failures == 0;
  if (const double most = is_first ? first_length(p) : 0; most > 0) {
    double slope = 0, squares = 0;
    for (Index i = 0; i < n; ++i) {
      squares += scale_(p, i) * s[i] * s[i];
      if (!held[i]) slope += gradient_(p, i) * gradient_(p, i) / scale_(p, i);
    }
    if (squares > most * most)
      return raise(all, q, std::max(4 * d.lambda, std::sqrt(slope / squares)));
  }
  if (leaves) {
    // Held from here on where the bound is; what it couples to goes to the other side.
    for (Index i = 0; i < n; ++i) {
      if (held[i]) continue;
      const double to = x_(p, i) + out[i], bound = within(p, i, to);
      if (to == bound) continue;
      held[i] = 1;
      s[i] = bound - x_(p, i);
      for (Index j = 0; j < n; ++j)
        right[j] -= curvature_(p, i > j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i) * s[i];
    }
    return true;
  }
  const double predicted = model_decrease(p, s);
  if (!(predicted > 0) && !std::all_of(s, s + n, [](double v) { return v == 0; }))
    return raise(all, q, std::max(10 * d.lambda, least_shift()));
  take(p, s, predicted);
  return false;
}

// -g's - s'Hs / 2; without bounds half of it is known by the step itself.
double DampedBatch::model_decrease(Index p, const double* s) const {
  const Index n = parameters();
  const double lambda = damping_[static_cast<std::size_t>(p)].lambda;
  double slope = 0, squares = 0, bend = 0;
  for (Index i = 0; i < n; ++i) {
    slope += gradient_(p, i) * s[i];
    squares += scale_(p, i) * s[i] * s[i];
  }
  if (!has_bounds()) return 0.5 * (lambda * squares - slope);
  const double* h = &curvature_(p, 0);
  for (Index i = 0; i < n; ++i) {
    double sum = 0;
    for (Index j = 0; j < i; ++j) sum += *h++ * s[j];
    bend += s[i] * (2 * sum + *h++ * s[i]);
  }
  return -slope - 0.5 * bend;
}

void DampedBatch::take(Index p, const double* s, double predicted) {
  const Index n = parameters();
  Damping& d = damping(p);
  double slope = 0, squares = 0, size = 0, length = 0;
  for (Index i = 0; i < n; ++i) {
    trial_(p, i) = within(p, i, x_(p, i) + s[i]);
    length += s[i] * s[i];
    slope += gradient_(p, i) * s[i];
    squares += scale_(p, i) * s[i] * s[i];
    if (!is_held(p, i, x_(p, i), gradient_(p, i)))
      size += gradient_(p, i) * gradient_(p, i) / scale_(p, i);
  }
  d.predicted = predicted;
  d.share = slope < 0 ? d.lambda * squares / -slope : 1;
  d.halving = squares > 0 ? std::sqrt(size / squares) : most_lambda;
  length = std::sqrt(length);
  d.shrinkage = d.length > 0 ? length / d.length : 0;
  d.length = length;
  const bool is_own = d.share <= 0.1;
  if (is_own && predicted <= d.resolution) return end(p, Status::rounding_floor);
  if (is_still(p)) end(p, is_own ? Status::rounding_floor : Status::line_search);
}

bool DampedBatch::is_positive(Index p, double shift) {
  const Index n = parameters();
  const kernels::BatchKernels& kernel = kernels::batch();
  const Scratch scratch(kernel.scratch(n));
  std::vector<unsigned char> held(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i)
    held[static_cast<std::size_t>(i)] = is_held(p, i, x_(p, i), gradient_(p, i)) ? 1 : 0;
  Vector out(n);
  kernels::DampedSystem system{
      &curvature_(p, 0), &scale_(p, 0), &gradient_(p, 0), held.data(), shift, out.data(), 0};
  kernel.solve_damped(&system, 1, n, 0, scratch.data());
  return system.least_pivot > 0;
}

bool DampedBatch::valid_damped() const {
  const Index n = parameters();
  const auto holds = [](const Damping& d) { return is_count(d.failures) && d.lambda >= 0; };
  return valid_base() && curvature_.rows() == problems() && curvature_.cols() == n * (n + 1) / 2 &&
         scale_.rows() == problems() && scale_.cols() == n && std::ssize(damping_) == problems() &&
         std::ranges::all_of(damping_, holds);
}

}  // namespace hessopt
