#include "hessopt/batched/quasi_newton_batch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/batched/tolerances.hpp"

namespace hessopt {
namespace {

constexpr double curved = 1.5e-8;  // cosine of s and y, from which on a pair is learnt

double dot(const double* a, const double* b, Index n) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

// Of one problem at a time: s, y and H y, zero where a coordinate is held; factors of the two
// loops.
struct QuasiNewtonBatch::Room {
  Room(Index n, Index memory) : s(n), y(n), hy(n), factor(memory), sy(memory), free(n) {}

  Vector s, y, hy, factor, sy;
  Eigen::Array<bool, Eigen::Dynamic, 1> free;
};

QuasiNewtonBatch::QuasiNewtonBatch(RowMatrix x0, BatchOptions options, Index memory)
    : Batch(std::move(x0), std::move(options)),
      memory_(memory),
      direction_(RowMatrix::Zero(problems(), parameters())),
      inverse_(problems(), memory == 0 ? parameters() * parameters() : 0),
      pairs_(problems(), memory * 2 * parameters()),
      search_(static_cast<std::size_t>(problems())) {
  inverse_.setZero();
  pairs_.setZero();
}

void QuasiNewtonBatch::tell(const double* f, const double* g, FoundRows rows) {
  const Index n = parameters();
  for_each_group([&](const Index* problems, Index count, Index position) {
    if (rows.rows)
      tell_some(problems, count, f, g, {rows.rows + position});
    else
      tell_some(problems, count, f + position, g + position * n, {});
  });
}

void QuasiNewtonBatch::tell_some(const Index* problems, Index count, const double* f,
                                 const double* g, FoundRows rows) {
  Room room(parameters(), memory_);
  for (Index q = 0; q < count; ++q)
    tell_one(problems[q], f[rows(q)], g + rows(q) * parameters(), room);
}

void QuasiNewtonBatch::tell_one(Index p, double f, const double* g, Room& room) {
  const Index n = parameters();
  Progress& now = progress(p);
  BatchSearch& search = this->search(p);
  ++now.evaluations;
  search.is_finite =
      std::isfinite(f) && std::all_of(g, g + n, [](double v) { return std::isfinite(v); });
  const bool is_start = now.evaluations == 1;
  if (is_start) {
    now.f = f;
    if (!search.is_finite) return end(p, Status::non_finite);
  } else if (!is_low_enough(p, f, g)) {
    if (progress(p).status == Status::running) step_back(p, f, g);
    return;
  }
  for (Index i = 0; i < n; ++i) {
    room.s[i] = trial_(p, i) - x_(p, i);
    room.y[i] = g[i] - gradient_(p, i);
  }
  advance(p, f, g, gradient_size(p, &trial_(p, 0), g));
  now.rounding = batched::hidden * std::abs(f);
  for (Index i = 0; i < n; ++i) {
    now.rounding += batched::eps * std::abs(g[i] * x_(p, i));
    room.free[i] = !is_held(p, i, x_(p, i), g[i]);
  }
  if (is_start) {
    now.start_size = now.size;
  } else {
    ++now.iterations;
    learn(p, room);
  }
  if (now.size <= options_.gtol * now.start_size) return end(p, Status::gradient);
  if (now.iterations >= options_.maxiter) return end(p, Status::max_iterations);
  if (is_start)
    descend_steepest(p);
  else
    choose_direction(p, room);
}

// By Armijo's rule; where rounding hides the decrease, the gradient tells which point is better.
bool QuasiNewtonBatch::is_low_enough(Index p, double f, const double* g) {
  const BatchSearch& search = this->search(p);
  const Progress& now = progress(p);
  if (!search.is_finite) return false;
  double promised = 0;
  for (Index i = 0; i < parameters(); ++i) promised -= gradient_(p, i) * (trial_(p, i) - x_(p, i));
  const double fall = now.f - f;
  if (std::abs(fall) <= now.rounding && 0.5 * promised <= now.rounding) {
    if (gradient_size(p, &trial_(p, 0), g) < now.size) return true;
    const bool is_own = search.factor == 1 && search.pairs > 0;
    end(p, is_own ? Status::rounding_floor : Status::line_search);
    return false;
  }
  return fall > 0 && fall >= batched::sufficient * promised;
}

// To the minimum of the cubic through both values and slopes.
void QuasiNewtonBatch::step_back(Index p, double f, const double* g) {
  BatchSearch& search = this->search(p);
  const double a = search.factor, slope = search.slope;
  double next = 0.1 * a;
  if (search.is_finite) {
    const double there = slope_at(p, g), theta = 3 * (progress(p).f - f) / a + slope + there;
    const double root = std::sqrt(std::max(0.0, theta * theta - slope * there));
    const double cubic = a * (1 - (there + root - theta) / (there - slope + 2 * root));
    next = cubic > 0.1 * a && cubic < 0.5 * a ? cubic : cubic >= 0.5 * a ? 0.5 * a : 0.1 * a;
  }
  search.factor = next;
  put_trial(p);
  if (!is_still(p) && next > 1e-20) return;
  if (search.pairs > 0) return descend_steepest(p);
  end(p, search.is_finite ? Status::line_search : Status::non_finite);
}

void QuasiNewtonBatch::learn(Index p, Room& room) {
  const Index n = parameters();
  for (Index i = 0; i < n; ++i)
    if (!room.free[i]) room.s[i] = room.y[i] = 0;
  const double sy = dot(room.s.data(), room.y.data(), n), ss = dot(room.s.data(), room.s.data(), n),
               yy = dot(room.y.data(), room.y.data(), n);
  search(p).stretch = sy > 0 ? 1 : 4 * search(p).stretch;
  if (!(sy > curved * std::sqrt(ss * yy))) return;
  if (memory_ > 0)
    remember(p, room);
  else
    update_inverse(p, room, sy, yy);
  ++search(p).pairs;
}

// H <- (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y
void QuasiNewtonBatch::update_inverse(Index p, Room& room, double sy, double yy) {
  const Index n = parameters();
  double* h = &inverse_(p, 0);
  if (search(p).pairs == 0) {
    std::fill_n(h, n * n, 0.0);
    for (Index i = 0; i < n; ++i) h[i * n + i] = sy / yy;
  }
  double yhy = 0;
  for (Index i = 0; i < n; ++i) {
    room.hy[i] = dot(h + i * n, room.y.data(), n);
    yhy += room.hy[i] * room.y[i];
  }
  const double rho = 1 / sy, of_s = (1 + yhy * rho) * rho;
  for (Index i = 0; i < n; ++i) {
    const double a = of_s * room.s[i] - rho * room.hy[i], b = rho * room.s[i];
    for (Index j = 0; j < n; ++j) h[i * n + j] += a * room.s[j] - b * room.hy[j];
  }
}

void QuasiNewtonBatch::remember(Index p, const Room& room) {
  const Index n = parameters();
  double* to = pair(p, search(p).pairs % memory_);
  std::copy_n(room.s.data(), n, to);
  std::copy_n(room.y.data(), n, to + n);
}

void QuasiNewtonBatch::choose_direction(Index p, Room& room) {
  const Index n = parameters();
  BatchSearch& search = this->search(p);
  if (search.pairs == 0) return descend_steepest(p);
  for (Index i = 0; i < n; ++i) direction_(p, i) = room.free[i] ? -gradient_(p, i) : 0;
  if (memory_ > 0) {
    two_loop(p, room);
  } else {
    std::copy_n(&direction_(p, 0), n, room.y.data());
    for (Index i = 0; i < n; ++i)
      direction_(p, i) = room.free[i] ? dot(&inverse_(p, i * n), room.y.data(), n) : 0;
  }
  for (Index i = 0; i < n; ++i) direction_(p, i) *= search.stretch;
  search.slope = dot(&direction_(p, 0), &gradient_(p, 0), n);
  if (!(search.slope < 0)) return descend_steepest(p);
  search.factor = 1;
  put_trial(p);
  if (is_still(p)) end(p, Status::rounding_floor);
}

// Nocedal's, over the pairs as far as they are of free coordinates.
void QuasiNewtonBatch::two_loop(Index p, Room& room) {
  const Index n = parameters(), count = search(p).pairs, kept = std::min(count, memory_);
  double* d = &direction_(p, 0);
  Vector &factor = room.factor, &sy = room.sy;
  const auto of_free = [&](const double* a, const double* b) {
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += room.free[i] ? a[i] * b[i] : 0;
    return sum;
  };
  const auto add = [&](double a, const double* v) {
    for (Index i = 0; i < n; ++i) d[i] += room.free[i] ? a * v[i] : 0;
  };
  double gamma = 0;
  for (Index k = 0; k < kept; ++k) {
    const double *s = pair(p, (count - 1 - k) % memory_), *y = s + n;
    sy[k] = of_free(s, y);
    const double yy = of_free(y, y);
    if (!(sy[k] > curved * std::sqrt(of_free(s, s) * yy))) {
      sy[k] = 0;
      continue;
    }
    if (gamma == 0) gamma = sy[k] / yy;
    factor[k] = of_free(s, d) / sy[k];
    add(-factor[k], y);
  }
  if (gamma > 0)
    for (Index i = 0; i < n; ++i) d[i] *= gamma;
  for (Index k = kept - 1; k >= 0; --k) {
    if (sy[k] == 0) continue;
    const double *s = pair(p, (count - 1 - k) % memory_), *y = s + n;
    add(factor[k] - of_free(y, d) / sy[k], s);
  }
}

// As long as x, or as what brings the linear model of f to 0, whichever is shorter.
void QuasiNewtonBatch::descend_steepest(Index p) {
  const Index n = parameters();
  BatchSearch& search = this->search(p);
  double squares = 0;
  for (Index i = 0; i < n; ++i) {
    const double g = gradient_(p, i);
    direction_(p, i) = is_held(p, i, x_(p, i), g) ? 0 : -g;
    squares += direction_(p, i) * direction_(p, i);
  }
  const double size = std::sqrt(squares), of_x = std::sqrt(dot(&x_(p, 0), &x_(p, 0), n));
  const double of_f = std::abs(progress(p).f) / size;
  double length = std::min(of_x > 0 ? of_x : of_f, of_f > 0 ? of_f : of_x);
  length = length > 0 ? search.stretch * length : 1;
  for (Index i = 0; i < n; ++i) direction_(p, i) *= length / size;
  search.pairs = 0;
  search.slope = -size * length;
  search.factor = 1;
  put_trial(p);
  if (is_still(p)) end(p, Status::line_search);
}

void QuasiNewtonBatch::put_trial(Index p) {
  for (Index i = 0; i < parameters(); ++i)
    trial_(p, i) = within(p, i, x_(p, i) + search(p).factor * direction_(p, i));
}

// Along the path, of those that have not come to a bound.
double QuasiNewtonBatch::slope_at(Index p, const double* g) const {
  const double factor = search_[static_cast<std::size_t>(p)].factor;
  double sum = 0;
  for (Index i = 0; i < parameters(); ++i)
    if (trial_(p, i) == x_(p, i) + factor * direction_(p, i)) sum += g[i] * direction_(p, i);
  return sum;
}

bool QuasiNewtonBatch::valid() const {
  const Index count = problems(), n = parameters();
  const auto is = [&](const RowMatrix& m, Index cols) {
    return m.rows() == count && m.cols() == cols;
  };
  const auto holds = [](const BatchSearch& one) { return is_count(one.pairs); };
  return valid_base() && is_count(memory_) && is(direction_, n) &&
         is(inverse_, memory_ == 0 ? n * n : 0) && is(pairs_, memory_ * 2 * n) &&
         std::ssize(search_) == count && std::ranges::all_of(search_, holds);
}

}  // namespace hessopt
