// The record that all solvers keep: where they are, the best they saw, and why they ended.
#pragma once

#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"
#include "hessopt/solvers/optimality.hpp"
#include "hessopt/solvers/stopping.hpp"
#include "hessopt/solvers/variables.hpp"

namespace hessopt {

template <Real T>
struct Point {
  VectorOf<T> x;
  double f = std::numeric_limits<double>::quiet_NaN();
  VectorOf<T> g;
  double norm = std::numeric_limits<double>::quiet_NaN();  // max |g_i|
  Gauge gauge;
  VectorOf<T> outer;  // the gradient in the caller's variables; empty: g

  template <class A>
  void fields(A& archive) {
    archive(x, f, g, norm, gauge, outer);
  }
  bool is_of(Index size) const {
    return x.size() == size && g.size() == size && (outer.size() == 0 || outer.size() == size);
  }
};

// What f can change by through rounding alone.
template <Real T>
double rounding_error(double f) {
  // Numbers below the least normal one are no finer than it.
  const double size = std::max(std::abs(f), std::numeric_limits<double>::min());
  return 10 * static_cast<double>(std::numeric_limits<T>::epsilon()) * size;
}

template <Real T>
std::string precision() {
  return sizeof(T) == 4 ? "float32" : "float64";
}

// One row of the history of a run.
struct Record {
  double f, norm, step, evaluations, seconds;

  template <class A>
  void fields(A& archive) {
    archive(f, norm, step, evaluations, seconds);
  }
};

template <Real T>
class Run {
 public:
  using Scalar = T;

  Run() = default;
  explicit Run(VectorOf<T> x0, const Limits& limits = {}, bool keep_history = false)
      : limits_(limits), keep_history_(keep_history), trial_(std::move(x0)) {
    require(trial_.size() > 0, "x0", "length 0", "at least one parameter");
  }

  // The point to evaluate next; a solver writes it after every `advance`.
  const VectorOf<T>& trial() const { return trial_; }
  VectorOf<T>& trial() { return trial_; }
  const Point<T>& current() const { return current_; }
  // Where the run stands: its converged point, else the lowest one evaluated.
  const Point<T>& best() const {
    return stop_.status == Status::gradient || best_is_current_ ? current_ : best_;
  }
  const Limits& limits() const { return limits_; }
  const Stop& stop() const { return stop_; }
  bool done() const { return stop_.status != Status::running; }
  bool started() const { return current_.g.size() > 0; }
  Index iterations() const { return iterations_; }
  Index evaluations() const { return evaluations_; }
  Index gradients() const { return gradients_; }
  // Whether the gradients are the most accurate to be had: see `refine`.
  bool is_refined() const { return refined_; }
  double seconds() const { return seconds_; }
  double step() const { return step_; }
  double start_norm() const { return start_norm_; }
  const std::vector<Record>& history() const { return history_; }

  // A power of two that brings the first gradient to about 1. Solvers multiply f and g by it, so
  // that no inner product over- or underflows; being a power of two, it changes no digit.
  double unit() const { return unit_; }

  void end(const Stop& stop) {
    if (!done()) stop_ = stop;
  }
  void end(Status status, double measured = 0, double bound = 0) {
    end(Stop{status, measured, bound});
  }
  // Goes on within new limits: after a pause with the next point, which is known; after an end by a
  // tolerance that is tighter now, and true then, with the look at the current point.
  bool resume(const Limits& limits) {
    const bool ended = done() && !is_pause(stop_.status);
    require(!ended || (is_by_tolerance(stop_.status) && limits.is_tighter_than(limits_)), "resume",
            stop_.message(),
            "a run that met a limit or was stopped, or a tighter tolerance than the one it met");
    limits_ = limits;
    stop_ = {};
    since_ = {};
    if (!ended) check_limits();
    return ended;
  }

  // Before the start: x, the caller's, is T z, and all else is of z from here on.
  void change_variables(Variables variables) {
    require(!started() && !done(), "variables", "a run under way", "one that was told nothing yet");
    require(trial_.size() % variables.block() == 0, "variables",
            "columns for " + std::to_string(variables.block()) + " parameters",
            "as many as each output of x has");
    trial_ = variables.to_z(trial_.template cast<double>()).template cast<T>();
    variables_ = std::move(variables);
  }
  const Variables& variables() const { return variables_; }

  // What is known of the gradient that `record` is about to be given, and what it is in the
  // caller's variables.
  void measure(const Gauge& gauge, VectorOf<T> outer) {
    next_gauge_ = gauge;
    next_outer_ = std::move(outer);
  }

  // Notes an evaluation at trial(). False when it is not finite, which no solver may build on.
  bool record(double f, ConstVectorRefOf<T> g) {
    require_size("g", g.size(), trial_.size());
    tick();
    ++evaluations_;
    ++gradients_;
    told_norm_ = max_norm(g);
    told_gauge_ = std::exchange(next_gauge_, Gauge{});
    told_outer_ = std::exchange(next_outer_, {});
    if (std::isnan(told_gauge_.norm)) told_gauge_.norm = told_norm_;
    const bool finite = std::isfinite(f) && std::isfinite(told_norm_);
    if (!started() && !finite) {
      current_ = {trial_, f, g, told_norm_, told_gauge_, told_outer_};
      end(Status::non_finite);
    }
    return finite;
  }
  // max |g_i| of the gradient just told.
  double told_norm() const { return told_norm_; }

  // The trial, told with these, becomes the current point: the first is the start, the others
  // iterations. `step` is the length of the step, `free` whether f alone decided on it: where the
  // domain of f cut it short, a small step or decrease means nothing.
  void advance(double f, ConstVectorRefOf<T> g, double step = 0, bool free = true) {
    const bool first = !started();
    if (first) {
      start_norm_ = told_norm_;
      start_size_ = told_gauge_.norm;
      start_f_ = f;
      if (max_norm(trial_) > 0) start_ = trial_;
      if (told_norm_ > 0) unit_ = std::ldexp(1.0, std::min(1000, -std::ilogb(told_norm_)));
    } else {
      ++iterations_;
    }
    fall_ = current_.f - f;
    current_.x.swap(trial_);
    if (best_is_current_ && current_.f < f) {
      best_ = {trial_, current_.f, current_.g, current_.norm, current_.gauge, current_.outer};
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
    current_.norm = told_norm_;
    current_.gauge = told_gauge_;
    current_.outer = told_outer_;
    if (told_gauge_.blur > 0) {
      idle_ = f < low_f_ || told_norm_ < low_norm_ ? 0 : idle_ + 1;
      low_f_ = std::min(low_f_, f);
      low_norm_ = std::min(low_norm_, told_norm_);
    }
    trial_.resize(current_.x.size());
    arrived(step, free);
  }
  // The trial is turned down, but remembered if it is the lowest point so far.
  void reject(double f, ConstVectorRefOf<T> g) {
    if (!(f < best_f())) return;
    best_ = {trial_, f, g, told_norm_, told_gauge_, told_outer_};
    best_is_current_ = false;
  }
  // The best point becomes the current one.
  void advance_to_best(double step) {
    ++iterations_;
    fall_ = current_.f - best_.f;
    std::swap(current_, best_);
    best_is_current_ = true;
    best_ = {};
    // By differences: a gradient that led to no better end of the search.
    if (current_.gauge.blur > 0) idle_ += most_idle / 3;
    arrived(step, false);
  }

  double gradient_bound() const { return std::max(limits_.gtol, limits_.gtol_rel * start_size_); }
  // Whether the size of the gradient at the current point passes the test asked for. One that is
  // relative to the start means nothing above it.
  bool is_stationary() const {
    constexpr double eps = std::numeric_limits<T>::epsilon();
    const bool above = current_.f - start_f_ > std::sqrt(eps) * std::abs(start_f_);
    return current_.gauge.norm <= std::max(gradient_bound(), current_.gauge.blur) && !above;
  }
  void end_stationary() {
    const Gauge& gauge = current_.gauge;
    if (gauge.norm <= gradient_bound()) return end(Status::gradient, gauge.norm, gradient_bound());
    end({Status::rounding_floor, gauge.norm, gauge.blur, Test::blur});
  }

  // What f at the current point may be off by.
  double rounding() const {
    return std::max(rounding_error<T>(current_.f), current_.gauge.rounding);
  }
  // What f would change by to first order if every x_i were 0, relative to f; 0 where that is 0.
  double relative_gradient() const {
    if (current_.f == 0) return 0;
    return first_order_size<T>(current_.g, unit_, current_.x, {}) / (unit_ * std::abs(current_.f));
  }
  // Whether the gradient at the current point is little more than the error of its differences.
  bool is_blurred() const {
    return current_.gauge.blur > 0 && current_.gauge.norm <= 10 * current_.gauge.blur;
  }
  void end_blurred() {
    end({Status::rounding_floor, current_.gauge.norm, 10 * current_.gauge.blur, Test::blur});
  }
  // Whether no score at the current point says anything; true as well where there are none.
  bool scores_vanish() const {
    return std::isnan(current_.gauge.score) || current_.gauge.score <= least_score;
  }
  // How the run would end by the automatic tests, were `decrease`, of unit f, all that a model of
  // the curvature promises from here; RUNNING if it would not.
  Stop settled(double decrease) const {
    if (!limits_.automatic || !(decrease >= 0) || !scores_vanish()) return {};
    if (current_.f - best_f() > rounding()) return {};  // a lower point is no farther
    double floor = 0.1 * rounding_error<T>(current_.f) * unit_;
    Test test = Test::decrease;
    if (!(decrease <= floor)) {
      // Where f itself is about to vanish, x is measured by where it came from: it may vanish too.
      const bool vanishes = decrease >= 0.5 * unit_ * std::abs(current_.f);
      const VectorOf<T> none;
      floor = resolution<T> *
              first_order_size<T>(current_.g, unit_, current_.x, vanishes ? start_ : none);
      test = Test::resolution;
    }
    if (!(decrease <= floor)) return {};
    return {Status::gradient, decrease / unit_, floor / unit_, test};
  }
  // The same for a solver without such a model, by the scores alone.
  Stop settled_by_score() const {
    if (!limits_.automatic || std::isnan(current_.gauge.score) || !scores_vanish()) return {};
    return {Status::gradient, current_.gauge.score, least_score, Test::score};
  }

  // Where a step would change f by less than its rounding error; no success, where scores that are
  // known deny it.
  void end_at_rounding(double change, double floor) {
    const double score = current_.gauge.score;
    if (score > 10 * least_score) return end({Status::line_search, score, floor, Test::score});
    end(Status::rounding_floor, change, floor);
  }

  // Ends a run whose last step was too small, in f or in x, or whose differences lead nowhere.
  void check_progress() {
    if (idle_ >= most_idle)
      return end(
          {Status::line_search, current_.gauge.norm, static_cast<double>(idle_), Test::idle});
    if (iterations_ == 0 || !free_) return;
    if (limits_.ftol > 0 && fall_ >= 0 && fall_ <= limits_.ftol * std::abs(current_.f))
      return end(Status::decrease, current_.f == 0 ? 0 : fall_ / std::abs(current_.f),
                 limits_.ftol);
    if (limits_.xtol <= 0) return;
    const double length = norm(current_.x);
    if (step_ <= limits_.xtol * length)
      end(Status::step, length == 0 ? 0 : step_ / length, limits_.xtol);
  }
  // Both tests, for solvers that cannot look at the curvature.
  void check_convergence() {
    if (is_stationary()) {
      end_stationary();
      stop_.at_start = iterations_ == 0;
    }
    check_progress();
  }

  // Called when the next trial is known.
  void check_limits() {
    if (done()) return;
    const auto reached = [this](Status status, auto count, auto most) {
      if (count >= most) end(status, static_cast<double>(count), static_cast<double>(most));
    };
    reached(Status::max_iterations, iterations_, limits_.maxiter);
    reached(Status::max_evaluations, evaluations_, limits_.maxfun);
    reached(Status::max_time, seconds_, limits_.maxtime);
  }

  // Evaluations beside those told, as differences take them.
  void spend(Index evaluations, Index gradients) {
    require(evaluations >= 0 && gradients >= 0, "spend", "a number < 0", "counts");
    evaluations_ += evaluations;
    gradients_ += gradients;
  }

  // The gradient at the best point, found more accurately, to an error of `blur`: the run goes on
  // from there, even if it has ended.
  void refine(ConstVectorRefOf<T> g, double blur) {
    require(started() && !is_pause(stop_.status), "refine", stop_.message(),
            "a run that has been somewhere");
    require_size("g", g.size(), current_.x.size());
    require(g.allFinite(), "g", "NaN or inf", "finite numbers");
    if (!best_is_current_ && stop_.status != Status::gradient) std::swap(current_, best_);
    best_ = {};
    best_is_current_ = true;
    current_.g = g;
    current_.norm = max_norm(g);
    current_.gauge = {.norm = current_.norm, .blur = blur};
    low_f_ = low_norm_ = std::numeric_limits<double>::infinity();
    idle_ = 0;
    trial_ = current_.x;
    stop_ = {};
    refined_ = true;
  }

  // f evaluated once more where best().f was found: an objective that changes by more than rounding
  // from call to call cannot be given to a line search. Sums whose order is left to threads change
  // by no more than their terms round: where the run has gained 1e11 times that, it has come as far
  // as they allow.
  void repeat(double f) {
    ++evaluations_;
    const double before = best().f;
    const double most = 10 * std::max(rounding_error<T>(before), best().gauge.rounding);
    const double change = std::abs(f - before);
    if (f == before || change <= most) return;
    if (change <= 1e-11 * (start_f_ - before)) {
      if (stop_.status == Status::line_search && stop_.test == Test::size &&
          std::abs(stop_.measured) <= 100 * change)
        stop_ = {Status::rounding_floor, std::abs(stop_.measured), change};
      return;
    }
    stop_ = {Status::not_repeatable, before, f};
  }

  template <class A>
  void fields(A& archive) {
    archive(limits_, keep_history_, variables_, trial_, current_, best_, best_is_current_, stop_,
            start_, start_norm_, start_size_, start_f_, told_norm_, told_gauge_, told_outer_, unit_,
            step_, seconds_, iterations_, evaluations_, gradients_, fall_, free_, refined_, low_f_,
            low_norm_, idle_, history_);
  }
  bool valid() const {
    const Index n = trial_.size();
    return n > 0 && limits_.valid() && current_.is_of(started() ? n : 0) &&
           best_.is_of(best_is_current_ ? 0 : n) && variables_.valid(n) &&
           (start_.size() == 0 || start_.size() == n) && (started() || best_is_current_) &&
           (started() || !is_success(stop_.status)) && is_count(iterations_) &&
           is_count(evaluations_) && is_count(gradients_) && is_count(idle_) && unit_ > 0 &&
           std::isfinite(unit_) && seconds_ >= 0 && (keep_history_ || history_.empty());
  }

 private:
  static constexpr Index most_idle = 30;  // iterations

  double best_f() const { return best_is_current_ ? current_.f : best_.f; }

  void arrived(double step, bool free) {
    step_ = step;
    free_ = free;
    if (keep_history_)
      history_.push_back(
          {current_.f, current_.gauge.norm, step, static_cast<double>(evaluations_), seconds_});
  }

  // Time passes between two `tell`s, not while a state lies in a file.
  void tick() {
    const auto now = std::chrono::steady_clock::now();
    if (since_ != Moment{}) seconds_ += std::chrono::duration<double>(now - since_).count();
    since_ = now;
  }

  using Moment = std::chrono::steady_clock::time_point;

  Limits limits_;
  bool keep_history_ = false;
  Variables variables_;
  VectorOf<T> trial_;
  Point<T> current_, best_;
  bool best_is_current_ = true;
  Stop stop_;
  VectorOf<T> start_;              // empty where it is 0
  Gauge told_gauge_, next_gauge_;  // of the gradient told last; of the next
  VectorOf<T> told_outer_, next_outer_;
  double start_norm_ = 0, start_size_ = 0, start_f_ = 0, told_norm_ = 0, unit_ = 1, step_ = 0,
         fall_ = 0, seconds_ = 0;
  bool free_ = true, refined_ = false;
  double low_f_ = std::numeric_limits<double>::infinity();  // by differences, since refined
  double low_norm_ = std::numeric_limits<double>::infinity();
  Index iterations_ = 0, evaluations_ = 0, gradients_ = 0, idle_ = 0;
  Moment since_{};
  std::vector<Record> history_;
};

}  // namespace hessopt
