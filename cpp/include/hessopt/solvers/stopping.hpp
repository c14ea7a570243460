// When a run ends, and in what words.
#pragma once

#include <cstdint>
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
  double gtol = 0;        // on the size of the gradient
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
  size,        // max |g_i|, of what is left of the gradient
  decrease,    // g'B^-1 g / 2, the decrease that a model of curvature B promises, against f
  resolution,  // the same against what rounding x changes f by
  score,       // on a model of rows: of every column, in standard deviations
  blur,        // its size against the error of differences
  idle,        // by differences: no new low of f nor of its size
};
inline bool is_enumerator(Test t) { return t >= Test::size && t <= Test::idle; }

// A status with the two numbers that were compared.
struct Stop {
  Status status = Status::running;
  double measured = 0;
  double bound = 0;
  Test test = Test::size;
  bool at_start = false;  // and the curvature was not tested

  // `symbol`: of what a gradient is measured by, as in Optimality.
  std::string message(const std::string& symbol = "g_i") const;

  template <class A>
  void fields(A& archive) {
    archive(status, measured, bound, test, at_start);
  }
};

}  // namespace hessopt
