// When a run ends, and in what words.
#pragma once

#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "hessopt/core/types.hpp"

namespace hessopt {

enum class Status : std::int32_t {
  running = -1,
  gradient = 0,        // the gradient is small enough
  decrease = 1,        // f falls by too little to go on
  rounding_floor = 2,  // no step can change f by more than its rounding error
  max_iterations = 3,
  max_evaluations = 4,
  line_search = 5,  // no acceptable step along a descent direction: f and its gradient disagree
  non_finite = 6,   // NaN or inf at the start, in the Hessian, or however short the step
  callback = 7,     // the caller asked to stop
  step = 8,         // x moves by too little to go on
  max_time = 9,
  not_repeatable = 10,  // f differs when it is evaluated again at the same point
  saddle = 11,          // no gradient, negative curvature, and no lower point along it
  unbounded = 12,       // f falls without end
  no_minimum = 13,      // the objective knows that it falls without end
};

inline bool is_enumerator(Status s) { return s >= Status::running && s <= Status::no_minimum; }

// A run that met a tolerance goes on within a tighter one.
inline bool is_by_tolerance(Status s) {
  return s == Status::gradient || s == Status::decrease || s == Status::step;
}
inline bool is_success(Status s) { return is_by_tolerance(s) || s == Status::rounding_floor; }

// A run that met a limit has only paused: its next point is known, and it can go on.
inline bool is_pause(Status s) {
  return s == Status::max_iterations || s == Status::max_evaluations || s == Status::max_time ||
         s == Status::callback;
}

struct Limits {
  bool automatic = true;  // stop by the tests of optimality.hpp; else by those that follow
  double gtol = 0;        // on max |g_i|
  double gtol_rel = 0;    // the same, relative to the start
  double ftol = 0;        // on the relative decrease of f in one iteration; 0: never
  double xtol = 0;        // on the length of a step, relative to that of x; 0: never
  Index maxiter = 1000;
  Index maxfun = std::numeric_limits<Index>::max();
  double maxtime = std::numeric_limits<double>::infinity();  // seconds

  template <class A>
  void fields(A& archive) {
    archive(automatic, gtol, gtol_rel, ftol, xtol, maxiter, maxfun, maxtime);
  }
  // Whether a run that ended within the others may have to go on.
  bool is_tighter_than(const Limits& others) const {
    return automatic != others.automatic || gtol < others.gtol || gtol_rel < others.gtol_rel ||
           ftol < others.ftol || xtol < others.xtol;
  }
  bool valid() const {
    return gtol >= 0 && gtol_rel >= 0 && ftol >= 0 && xtol >= 0 && maxiter >= 0 && maxfun >= 0 &&
           maxtime >= 0;
  }
};

// How a gradient was found to be small.
enum class Test : std::int32_t {
  size,        // max |g_i|
  decrease,    // g'B^-1 g / 2, the decrease that a model of curvature B promises, against f
  resolution,  // the same against what rounding x changes f by
  score,       // on a model of rows: of every column, in standard deviations
  blur,        // max |g_i| against the error of differences
  idle,        // by differences: no new low of f nor of max |g_i|
};
inline bool is_enumerator(Test t) { return t >= Test::size && t <= Test::idle; }

// A status with the two numbers that were compared.
struct Stop {
  Status status = Status::running;
  double measured = 0;
  double bound = 0;
  Test test = Test::size;
  bool at_start = false;  // and without a look at the curvature

  std::string message() const {
    const auto text = [this](const char* format) {
      char buffer[256];
      std::snprintf(buffer, sizeof buffer, format, measured, bound);
      return std::string(buffer);
    };
    switch (status) {
      case Status::running:
        return "RUNNING";
      case Status::gradient:
        return text(of_gradient()) +
               (at_start ? " at the start, which may as well be a saddle or a maximum" : "");
      case Status::decrease:
        return text("DECREASE: relative decrease of f %.3g <= %.3g");
      case Status::step:
        return text("STEP: length of the step relative to x %.3g <= %.3g");
      case Status::rounding_floor:
        return text(
            test == Test::blur
                ? "ROUNDING_FLOOR: max |g_i| = %.3g <= %.3g, what its differences are unsure of"
                : "ROUNDING_FLOOR: a step would change f by %.3g, its rounding error is "
                  "%.3g");
      case Status::max_iterations:
        return text("MAX_ITERATIONS: %.0f >= %.0f");
      case Status::max_evaluations:
        return text("MAX_EVALUATIONS: %.0f >= %.0f");
      case Status::max_time:
        return text("MAX_TIME: %.3g s >= %.3g s");
      case Status::line_search:
        if (test == Test::score)
          return text(
              "LINE_SEARCH: largest score of a column %.3g standard deviations, but rounding, "
              "%.3g, "
              "hides what a step would change f by");
        if (test == Test::idle)
          return text(
              "LINE_SEARCH: neither f nor max |g_i| = %.3g has fallen in %.0f iterations; its "
              "differences know no more of f");
        return text(
            "LINE_SEARCH: no acceptable step along a descent direction (slope %.3g, last step "
            "%.3g); does the gradient belong to f, and is f smooth?");
      case Status::non_finite:
        if (bound == 0) return "NON_FINITE: f, its gradient or its Hessian is NaN or infinite here";
        return text(
            "NON_FINITE: f or its gradient is NaN or infinite beyond this point, where the domain "
            "of f stops the steps (slope %.3g, last step %.3g)");
      case Status::callback:
        return "CALLBACK: the callback asked to stop";
      case Status::not_repeatable:
        return text(
            "NOT_REPEATABLE: f was %.17g, and %.17g when evaluated again at the same point; fix "
            "its random numbers, as expected(..., 'sample') does, or use a method without a line "
            "search");
      case Status::saddle:
        return text(
            "SADDLE: max |g_i| = %.3g, but the curvature along a direction is %.3g, and no step "
            "along it lowers f");
      case Status::unbounded:
        return text("UNBOUNDED: f still falls (slope %.3g) at a step of %.3g times the first");
      case Status::no_minimum:
        return "NO_MINIMUM: f falls without end";
    }
    return "";
  }

  template <class A>
  void fields(A& archive) {
    archive(status, measured, bound, test, at_start);
  }

 private:
  const char* of_gradient() const {
    switch (test) {
      case Test::size:
      case Test::blur:
      case Test::idle:
        break;
      case Test::decrease:
        return "GRADIENT: g'B^-1 g / 2 = %.3g <= %.3g, the rounding error of f";
      case Test::resolution:
        return "GRADIENT: g'B^-1 g / 2 = %.3g <= %.3g, what rounding x changes f by";
      case Test::score:
        return "GRADIENT: largest score of a column %.3g <= %.3g standard deviations";
    }
    return "GRADIENT: max |g_i| = %.3g <= %.3g";
  }
};

}  // namespace hessopt
