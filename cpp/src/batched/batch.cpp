#include "hessopt/batched/batch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/batched/tolerances.hpp"
#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace {

bool fits(const RowMatrix& bounds, Index problems, Index parameters) {
  return bounds.rows() == 0 ||
         ((bounds.rows() == 1 || bounds.rows() == problems) && bounds.cols() == parameters);
}

}  // namespace

Batch::Batch(RowMatrix x0, BatchOptions options)
    : options_(std::move(options)),
      x_(std::move(x0)),
      gradient_(RowMatrix::Zero(x_.rows(), x_.cols())),
      progress_(static_cast<std::size_t>(x_.rows())) {
  const auto require_fit = [this](const char* name, const RowMatrix& bounds) {
    require(fits(bounds, problems(), parameters()), name,
            "shape (" + std::to_string(bounds.rows()) + ", " + std::to_string(bounds.cols()) + ")",
            "a row for each problem, or one for all");
  };
  require_fit("lower", options_.lower);
  require_fit("upper", options_.upper);
  require(options_.lower.rows() == 0 || options_.upper.rows() > 0, "upper", "nothing",
          "as many as lower");
  for (Index p = 0; p < problems(); ++p)
    for (Index i = 0; i < parameters(); ++i) x_(p, i) = within(p, i, x_(p, i));
  trial_ = x_;
  refresh();
}

RowMatrix Batch::ask() const {
  RowMatrix out(std::ssize(running_), parameters());
  for (Index q = 0; q < out.rows(); ++q)
    out.row(q) = trial_.row(running_[static_cast<std::size_t>(q)]);
  return out;
}

void Batch::stop() {
  for (const Index p : running_) end(p, Status::callback);
  refresh();
}

void Batch::refresh() {
  running_.clear();
  for (Index p = 0; p < problems(); ++p)
    if (progress(p).status == Status::running) running_.push_back(p);
}

void Batch::for_each_group(Work work) {
  run_groups(std::ssize(running_), batched::group_size, work);
}

void Batch::run_groups(Index count, Index size, Work work) {
  struct Leaving {
    Batch& batch;
    ~Leaving() {
      std::erase_if(batch.running_, [this](Index p) { return batch.has_ended(p); });
    }
  } const leaving{*this};
  const Cut groups{std::min(count, std::ssize(running_)), size};
  parallel_for(groups.count(), [&](Index t) {
    const Index begin = groups.begin(t);
    work(running_.data() + begin, groups.size(t), begin);
  });
}

double Batch::within(Index p, Index i, double value) const {
  return has_bounds() ? std::min(std::max(value, lower(p, i)), upper(p, i)) : value;
}

bool Batch::is_held(Index p, Index i, double x, double derivative) const {
  if (!has_bounds()) return false;
  const double low = lower(p, i), high = upper(p, i);
  return low == high || (x <= low && derivative > 0) || (x >= high && derivative < 0);
}

int Batch::active(Index p, Index i) const {
  if (!has_bounds()) return 0;
  const double x = x_(p, i), g = gradient_(p, i);
  return x <= lower(p, i) && g > 0 ? -1 : x >= upper(p, i) && g < 0 ? 1 : 0;
}

double Batch::gradient_size(Index p, const double* x, const double* g) const {
  double size = 0;
  for (Index i = 0; i < parameters(); ++i)
    if (!is_held(p, i, x[i], g[i])) size = std::max(size, std::abs(g[i]));
  return size;
}

void Batch::advance(Index p, double f, const double* g, double size) {
  const Index n = parameters();
  std::copy_n(&trial_(p, 0), n, &x_(p, 0));
  std::copy_n(g, n, &gradient_(p, 0));
  progress(p).f = f;
  progress(p).size = size;
}

bool Batch::is_still(Index p) const {
  return std::equal(&x_(p, 0), &x_(p, 0) + parameters(), &trial_(p, 0));
}

std::string Batch::message(Status status) {
  switch (status) {
    case Status::running:
      return "RUNNING";
    case Status::gradient:
      return "GRADIENT: the gradient is small enough";
    case Status::rounding_floor:
      return "ROUNDING_FLOOR: no step can change f by more than its rounding error";
    case Status::max_iterations:
      return "MAX_ITERATIONS: as many iterations as were allowed";
    case Status::line_search:
      return "LINE_SEARCH: no step along a descent direction lowers f: f and its derivatives "
             "disagree";
    case Status::non_finite:
      return "NON_FINITE: NaN or inf at the start, or however short the step";
    case Status::callback:
      return "CALLBACK: the callback asked to stop";
    case Status::saddle:
      return "SADDLE: no gradient, but the curvature along a direction is negative";
    case Status::unbounded:
      return "UNBOUNDED: the gradient vanishes, but the steps do not: f falls without end";
    default:
      return "";
  }
}

bool Batch::valid_base() const {
  const Index count = problems(), n = parameters();
  const auto is_like_x = [&](const RowMatrix& m) { return m.rows() == count && m.cols() == n; };
  const auto holds = [&](const Progress& one) {
    return is_count(one.iterations) && is_count(one.evaluations);
  };
  std::vector<Index> running;
  for (Index p = 0; p < std::ssize(progress_); ++p)
    if (progress_[static_cast<std::size_t>(p)].status == Status::running) running.push_back(p);
  return fits(options_.lower, count, n) && fits(options_.upper, count, n) &&
         (options_.lower.rows() > 0) == (options_.upper.rows() > 0) && options_.gtol >= 0 &&
         options_.maxiter >= 0 && is_like_x(trial_) && is_like_x(gradient_) &&
         std::ssize(progress_) == count && std::ranges::all_of(progress_, holds) &&
         running == running_;
}

}  // namespace hessopt
