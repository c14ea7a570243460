// The shape of a solver, and the record that all of them keep.
//
// A solver is a state, not a loop: it is asked for the point it wants evaluated and told what was
// found there; it never calls the objective.
#pragma once

#include <cmath>
#include <concepts>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/solvers/stopping.hpp"

namespace hessopt {

struct Point {
  Vector x;
  double f = std::numeric_limits<double>::quiet_NaN();
  Vector g;

  template <class A>
  void fields(A& archive) {
    archive(x, f, g);
  }
};

inline double max_norm(ConstVectorRef g) { return g.lpNorm<Eigen::Infinity>(); }

// What f can change by through rounding alone.
inline double rounding_error(double f) {
  return 10 * std::numeric_limits<double>::epsilon() * std::abs(f);
}

class Run {
 public:
  Run() = default;
  explicit Run(const Limits& limits) : limits_(limits) {}

  const Point& current() const { return current_; }
  // Where the run stands: its converged point, else the lowest one evaluated.
  const Point& best() const { return stop_.status == Status::gradient ? current_ : best_; }
  const Stop& stop() const { return stop_; }
  bool done() const { return stop_.status != Status::running; }
  bool started() const { return current_.g.size() > 0; }
  Index iterations() const { return iterations_; }
  Index evaluations() const { return evaluations_; }

  void end(Status status, double measured = 0, double bound = 0) {
    if (!done()) stop_ = {status, measured, bound};
  }

  // Notes an evaluation. False when it is not finite, which no solver may build on.
  bool record(const Vector& x, double f, ConstVectorRef g) {
    require(!done(), "tell", "f and g", "nothing more: the run has ended");
    require_size("g", g.size(), x.size());
    ++evaluations_;
    const bool finite = std::isfinite(f) && g.allFinite();
    if (finite && !(best_.f <= f)) best_ = {x, f, g};
    if (!started() && !finite) end(Status::non_finite);
    return finite;
  }

  // The point just evaluated becomes the current one. The first is the start, the others
  // iterations.
  void advance(const Vector& x, double f, ConstVectorRef g) {
    const double norm = max_norm(g), fall = current_.f - f;
    const bool first = !started();
    if (first)
      start_norm_ = norm;
    else
      ++iterations_;
    current_ = {x, f, g};
    const double bound = std::max(limits_.gtol, limits_.gtol_rel * start_norm_);
    if (norm <= bound) return end(Status::gradient, norm, bound);
    if (!first && limits_.ftol > 0 && fall >= 0 && fall <= limits_.ftol * std::abs(f))
      return end(Status::decrease, f == 0 ? 0 : fall / std::abs(f), limits_.ftol);
    if (iterations_ >= limits_.maxiter)
      end(Status::max_iterations, static_cast<double>(iterations_),
          static_cast<double>(limits_.maxiter));
  }
  // Called before another evaluation is asked for.
  void check_evaluations() {
    if (evaluations_ >= limits_.maxfun)
      end(Status::max_evaluations, static_cast<double>(evaluations_),
          static_cast<double>(limits_.maxfun));
  }

  template <class A>
  void fields(A& archive) {
    archive(limits_, current_, best_, stop_, start_norm_, iterations_, evaluations_);
  }

 private:
  Limits limits_;
  Point current_, best_;
  Stop stop_;
  double start_norm_ = 0;
  Index iterations_ = 0, evaluations_ = 0;
};

template <class S>
concept Solver = requires(S& s, const S& c, double f, ConstVectorRef g, Writer& archive) {
  { c.ask() } -> std::same_as<const Vector&>;
  s.tell(f, g);
  { c.run() } -> std::same_as<const Run&>;
  s.end(Status::callback);
  s.fields(archive);
};

// A solver that also wants the Hessian, at the points it has accepted and nowhere else.
template <class S>
concept SecondOrderSolver = Solver<S> && requires(S& s, const S& c, MatrixRef h) {
  { c.needs_hessian() } -> std::same_as<bool>;
  s.tell_hessian(h);
};

}  // namespace hessopt
