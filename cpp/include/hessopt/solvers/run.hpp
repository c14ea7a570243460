// The record that all solvers keep: where they are, the best they saw, and why they ended.
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/function_ref.hpp"
#include "hessopt/solvers/optimality.hpp"

namespace hessopt {

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
  explicit Run(VectorOf<T> x0, const Limits& limits = {}, bool keep_history = false);

  // The point to evaluate next; a solver writes it after every `advance`.
  const VectorOf<T>& trial() const { return trial_; }
  VectorOf<T>& trial() { return trial_; }
  const Point<T>& current() const { return current_; }
  // Where the run stands: its converged point, else the lowest one evaluated.
  const Point<T>& best() const;
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
  std::string message() const;
  // Of the gauge at the start.
  double start_size() const { return start_size_; }
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
  // tolerance that is tighter now, once the test of the current point is repeated.
  bool resume(const Limits& limits);

  // Before the start: no point lies outside of the set, whose x is the caller's. Where x0 does, it
  // is moved in.
  void confine(FeasibleSet<T> set);
  // In the solver's variables.
  const FeasibleSet<T>& set() const { return set_; }
  // What the set, or `measure_by`, leaves of the gradient at the current point. `room`: as in
  // left_at.
  const VectorOf<T>& left(VectorOf<T>& room) const {
    return left_at(optimality_, set_, variables_, current_, room);
  }

  // Before the start: x, the caller's, is T z, and all else is of z from here on.
  void change_variables(Variables variables);
  // The same where the start is z already, as on a plane, which has fewer numbers than x.
  void lie_on(Equalities plane);
  const Variables& variables() const { return variables_; }
  // Under way: all that is known is of the new z from here on.
  void renew_variables(Variables variables);
  // Whether so many gradients have been told since the variables were new, and they have become so
  // small, that others may be worth as much.
  bool is_due(double gradients) const {
    return started() && !done() && static_cast<double>(gradients_ - renewed_at_) >= gradients &&
           current_.gauge.norm <= outgrown * renewed_norm_;
  }

  // What the run is measured by, given before the start. A saved state does not contain it: who
  // loads one gives it again.
  void measure_by(Optimality<T> optimality) { optimality_ = std::move(optimality); }

  // Under way: the current point, which the run goes on from even if it has ended, is measured by
  // what `change` gives the run to be measured by.
  void measure_anew(FunctionRef<void(Run&)> change);
  // f as it is told of trial(), with the term that stands beside it.
  double with_kinks(double f) const {
    return optimality_.kinks ? f + optimality_.kinks(trial_) : f;
  }

  // What else is known of the gradient that `record` or `refine` is about to be given.
  void expect(Beside<T> beside) { beside_ = std::move(beside); }

  // Notes an evaluation at trial(). False when it is not finite, which no solver may build on.
  bool record(double f, ConstVectorRefOf<T> g);
  // Of the gradient just told.
  const Gauge& told() const { return told_gauge_; }

  // The trial, told with these, becomes the current point: the first is the start, the others
  // iterations. `step` is the length of the step, `free` whether f alone decided on it: where the
  // domain of f cut it short, a small step or decrease means nothing.
  void advance(double f, ConstVectorRefOf<T> g, double step = 0, bool free = true);
  // The trial is rejected, but remembered if it is the lowest point so far.
  void reject(double f, ConstVectorRefOf<T> g);
  // The best point becomes the current one.
  void advance_to_best(double step);

  double gradient_bound() const { return std::max(limits_.gtol, limits_.gtol_rel * start_norm_); }
  // Whether the size of the gradient at the current point passes the test asked for. One that is
  // relative to the start means nothing above it.
  bool is_stationary() const;
  void end_stationary() { end(by_size(current_.gauge, gradient_bound())); }

  // What f at the current point may be off by.
  double rounding() const { return hessopt::rounding(current_); }
  // What f would change by to first order if every x_i were 0, relative to f; 0 where that is 0.
  double relative_gradient() const;
  // Ends a run by differences whose gradient is little more than their error.
  bool end_if_blurred() {
    end(by_blur(current_.gauge));
    return done();
  }
  // How the run would end by the automatic tests, were `decrease`, of unit f, all that a model of
  // the curvature promises from here; RUNNING if it would not.
  Stop settled(double decrease) const;
  // The same for a solver without such a model.
  Stop settled_by_score() const { return limits_.automatic ? by_score(current_.gauge) : Stop{}; }
  // Where a step would change f by less than its rounding error.
  void end_at_rounding(double change, double floor) {
    end(at_rounding(current_.gauge, change, floor));
  }

  // Ends a run whose last step was too small, in f or in x, or whose differences give no descent.
  void check_progress();
  // Both tests, for solvers that do not know the curvature.
  void check_convergence();

  // Called when the next trial is known.
  void check_limits();

  // Evaluations beside those told, as differences take them.
  void spend(Index evaluations, Index gradients);

  // The gradient at the best point, found more accurately, to an error of `blur`: the run goes on
  // from there, even if it has ended.
  void refine(ConstVectorRefOf<T> g, double blur);

  // f evaluated once more where best().f was found, as it is told: see `repeated`.
  void repeat(double f);

  template <class A>
  void fields(A& archive) {
    archive(limits_, keep_history_, variables_, set_, trial_, current_, best_, best_is_current_,
            stop_, start_, start_size_, start_norm_, start_f_, told_gauge_, told_outer_, unit_,
            step_, seconds_, iterations_, evaluations_, gradients_, fall_, free_, refined_, low_f_,
            low_norm_, idle_, renewed_at_, renewed_norm_, history_);
  }
  bool valid() const;

 private:
  static constexpr Index most_idle = 30;  // iterations
  // Of the gradient: by then f is curved otherwise than where its variables were made.
  static constexpr double outgrown = 0.05;

  double best_f() const { return best_is_current_ ? current_.f : best_.f; }

  void arrived(double step, bool free);
  void tick();

  using Moment = std::chrono::steady_clock::time_point;

  Optimality<T> optimality_;
  Limits limits_;
  bool keep_history_ = false;
  Variables variables_;
  FeasibleSet<T> set_;
  VectorOf<T> trial_;
  Point<T> current_, best_;
  bool best_is_current_ = true;
  Stop stop_;
  VectorOf<T> start_;  // empty where it is 0
  Beside<T> beside_;   // of the gradient told next
  Gauge told_gauge_;   // of the gradient told last
  VectorOf<T> told_outer_;
  double start_size_ = 0, start_norm_ = 0, start_f_ = 0, unit_ = 1, step_ = 0, fall_ = 0,
         seconds_ = 0;
  bool free_ = true, refined_ = false;
  double low_f_ = std::numeric_limits<double>::infinity();  // by differences, since refined
  double low_norm_ = std::numeric_limits<double>::infinity();
  Index iterations_ = 0, evaluations_ = 0, gradients_ = 0, idle_ = 0, renewed_at_ = 0;
  double renewed_norm_ = std::numeric_limits<double>::infinity();
  Moment since_{};
  std::vector<Record> history_;
};

}  // namespace hessopt
