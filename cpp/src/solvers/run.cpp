#include "hessopt/solvers/run.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
Run<T>::Run(VectorOf<T> x0, const Limits& limits, bool keep_history)
    : limits_(limits), keep_history_(keep_history), trial_(std::move(x0)) {
  require(trial_.size() > 0, "x0", "length 0", "at least one parameter");
}

template <Real T>
const Point<T>& Run<T>::best() const {
  return stop_.status == Status::gradient || best_is_current_ ? current_ : best_;
}

template <Real T>
bool Run<T>::resume(const Limits& limits) {
  const bool ended = done() && !is_pause(stop_.status);
  require(!ended || (is_by_tolerance(stop_.status) && limits.is_tighter_than(limits_)), "resume",
          message(),
          "a run that met a limit or was stopped, or a tighter tolerance than the one it met");
  limits_ = limits;
  stop_ = {};
  since_ = {};
  if (!ended) check_limits();
  return ended;
}

template <Real T>
std::string Run<T>::message() const {
  std::string symbol = set_.is_whole() ? optimality_.symbol : "projected g_i";
  if (variables_.are_on_plane()) symbol += " along the constraints";
  return stop_.message(symbol);
}

template <Real T>
void Run<T>::measure_anew(FunctionRef<void(Run&)> change) {
  if (!best_is_current_ && stop_.status != Status::gradient) std::swap(current_, best_);
  if (optimality_.kinks) current_.f -= optimality_.kinks(current_.x);
  change(*this);
  if (optimality_.kinks) current_.f += optimality_.kinks(current_.x);
  current_.gauge = gauge<T>(optimality_, set_, variables_, current_.x, current_.g,
                            {.outer = current_.outer, .rounding = current_.gauge.told_rounding});
  best_ = {};
  best_is_current_ = true;
  stop_ = {};
  trial_ = current_.x;
}

template <Real T>
bool Run<T>::record(double f, ConstVectorRefOf<T> g) {
  require_size("g", g.size(), trial_.size());
  Beside<T> beside = std::exchange(beside_, {});
  tick();
  ++evaluations_;
  ++gradients_;
  told_gauge_ = gauge(optimality_, set_, variables_, trial_, g, beside);
  told_outer_ = std::move(beside.outer);
  // What is left of a gradient may hide what is not finite in it.
  const bool is_whole = !optimality_.left && set_.is_whole();
  const double size = is_whole ? told_gauge_.size : max_norm(g);
  const bool finite = std::isfinite(f) && std::isfinite(size) && std::isfinite(told_gauge_.size);
  if (!started() && !finite) {
    current_ = {trial_, f, g, told_gauge_, told_outer_};
    end(Status::non_finite);
  }
  return finite;
}

template <Real T>
void Run<T>::advance(double f, ConstVectorRefOf<T> g, double step, bool free) {
  const bool first = !started();
  if (first) {
    start_size_ = told_gauge_.size;
    start_norm_ = told_gauge_.norm;
    start_f_ = f;
    if (max_norm(trial_) > 0) start_ = trial_;
    if (const double size = max_norm(g); size > 0)
      unit_ = std::ldexp(1.0, std::min(1000, -std::ilogb(size)));
  } else {
    ++iterations_;
  }
  fall_ = current_.f - f;
  current_.x.swap(trial_);
  if (best_is_current_ && current_.f < f) {
    best_ = {trial_, current_.f, current_.g, current_.gauge, current_.outer};
    best_is_current_ = false;
  } else if (!best_is_current_ && !(best_.f < f)) {
    best_is_current_ = true;
    best_ = {};
  }
  current_.f = f;
  current_.g.resize(g.size());
  for_blocks(g.size(), [&](Index begin, Index size) {
    current_.g.segment(begin, size) = g.segment(begin, size);
  });
  current_.gauge = told_gauge_;
  current_.outer = told_outer_;
  if (told_gauge_.blur > 0) {
    idle_ = f < low_f_ || told_gauge_.size < low_norm_ ? 0 : idle_ + 1;
    low_f_ = std::min(low_f_, f);
    low_norm_ = std::min(low_norm_, told_gauge_.size);
  }
  trial_.resize(current_.x.size());
  arrived(step, free);
}

template <Real T>
void Run<T>::reject(double f, ConstVectorRefOf<T> g) {
  if (!(f < best_f())) return;
  best_ = {trial_, f, g, told_gauge_, told_outer_};
  best_is_current_ = false;
}

template <Real T>
void Run<T>::advance_to_best(double step) {
  ++iterations_;
  fall_ = current_.f - best_.f;
  std::swap(current_, best_);
  best_is_current_ = true;
  best_ = {};
  // By differences: a gradient that led to no better end of the search.
  if (current_.gauge.blur > 0) idle_ += most_idle / 3;
  arrived(step, false);
}

template <Real T>
bool Run<T>::is_stationary() const {
  constexpr double eps = std::numeric_limits<T>::epsilon();
  const bool above = current_.f - start_f_ > std::sqrt(eps) * std::abs(start_f_);
  return current_.gauge.norm <= std::max(gradient_bound(), current_.gauge.blur) && !above;
}

template <Real T>
double Run<T>::relative_gradient() const {
  if (current_.f == 0) return 0;
  VectorOf<T> room;
  return first_order_size<T>(left(room), current_.x, unit_, {}) / (unit_ * std::abs(current_.f));
}

template <Real T>
Stop Run<T>::settled(double decrease) const {
  if (!limits_.automatic) return {};
  if (current_.f - best_f() > rounding()) return {};  // a lower point is no farther
  VectorOf<T> room;
  return by_decrease(current_, left(room), decrease, unit_, start_);
}

template <Real T>
void Run<T>::check_progress() {
  if (idle_ >= most_idle)
    return end({Status::line_search, current_.gauge.norm, static_cast<double>(idle_), Test::idle});
  if (iterations_ == 0 || !free_) return;
  if (limits_.ftol > 0 && fall_ >= 0 && fall_ <= limits_.ftol * std::abs(current_.f))
    return end(Status::decrease, current_.f == 0 ? 0 : fall_ / std::abs(current_.f), limits_.ftol);
  if (limits_.xtol <= 0) return;
  const double length = norm(current_.x);
  if (step_ <= limits_.xtol * length)
    end(Status::step, length == 0 ? 0 : step_ / length, limits_.xtol);
}

template <Real T>
void Run<T>::check_convergence() {
  if (is_stationary()) {
    end_stationary();
    const bool is_point =
        set_.is_point() || (variables_.are_on_plane() && variables_.plane().is_point());
    stop_.at_start = iterations_ == 0 && !is_point;
  }
  check_progress();
}

template <Real T>
void Run<T>::check_limits() {
  if (done()) return;
  const auto reached = [this](Status status, auto count, auto most) {
    if (count >= most) end(status, static_cast<double>(count), static_cast<double>(most));
  };
  reached(Status::max_iterations, iterations_, limits_.maxiter);
  reached(Status::max_evaluations, evaluations_, limits_.maxfun);
  reached(Status::max_time, seconds_, limits_.maxtime);
}

template <Real T>
void Run<T>::spend(Index evaluations, Index gradients) {
  require(evaluations >= 0 && gradients >= 0, "spend", "a number < 0", "counts");
  evaluations_ += evaluations;
  gradients_ += gradients;
}

template <Real T>
void Run<T>::refine(ConstVectorRefOf<T> g, double blur) {
  require(started() && !is_pause(stop_.status), "refine", message(),
          "a run that has been somewhere");
  require_size("g", g.size(), current_.x.size());
  require(g.allFinite(), "g", "NaN or inf", "finite numbers");
  if (!best_is_current_ && stop_.status != Status::gradient) std::swap(current_, best_);
  best_ = {};
  best_is_current_ = true;
  current_.g = g;
  Beside<T> beside = std::exchange(beside_, {});
  beside.blur = blur;
  current_.gauge = gauge(optimality_, set_, variables_, current_.x, g, beside);
  current_.outer = std::move(beside.outer);
  low_f_ = low_norm_ = std::numeric_limits<double>::infinity();
  idle_ = 0;
  trial_ = current_.x;
  stop_ = {};
  refined_ = true;
}

template <Real T>
void Run<T>::repeat(double f) {
  ++evaluations_;
  if (optimality_.kinks) f += optimality_.kinks(best().x);
  stop_ = repeated(stop_, best(), f, start_f_ - best().f);
}

template <Real T>
bool Run<T>::valid() const {
  const Index n = trial_.size();
  const auto is_of = [&](const Point<T>& at, bool there) {
    return at.is_of(there ? n : 0, there ? variables_.size_of_x(n) : 0);
  };
  return n > 0 && limits_.valid() && variables_.valid(n) && set_.valid(n) &&
         (set_.is_whole() || !variables_.are_on_plane()) && is_of(current_, started()) &&
         is_of(best_, !best_is_current_) && (start_.size() == 0 || start_.size() == n) &&
         (started() || best_is_current_) && (started() || !is_success(stop_.status)) &&
         is_count(iterations_) && is_count(evaluations_) && is_count(gradients_) &&
         is_count(idle_) && is_count(renewed_at_) && unit_ > 0 && std::isfinite(unit_) &&
         seconds_ >= 0 && (keep_history_ || history_.empty());
}

template <Real T>
void Run<T>::arrived(double step, bool free) {
  step_ = step;
  free_ = free;
  if (keep_history_)
    history_.push_back(
        {current_.f, current_.gauge.norm, step, static_cast<double>(evaluations_), seconds_});
}

// Time passes between two `tell`s, not while a state lies in a file.
template <Real T>
void Run<T>::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (since_ != Moment{}) seconds_ += std::chrono::duration<double>(now - since_).count();
  since_ = now;
}

template class Run<float>;
template class Run<double>;

}  // namespace hessopt
