#include "hessopt/solvers/stopping.hpp"

#include <cstdio>

namespace hessopt {
namespace {

// After the size, where that was compared.
const char* of_gradient(Test test) {
  switch (test) {
    case Test::size:
    case Test::blur:
    case Test::idle:
      break;
    case Test::decrease:
      return "g'B^-1 g / 2 = %.3g <= %.3g, the rounding error of f";
    case Test::resolution:
      return "g'B^-1 g / 2 = %.3g <= %.3g, what rounding x changes f by";
    case Test::score:
      return "largest score of a column %.3g <= %.3g standard deviations";
  }
  return "%.3g <= %.3g";
}

}  // namespace

std::string Stop::message(const std::string& symbol) const {
  const std::string size = "max |" + symbol + "| = ";
  const auto text = [this](const char* format) {
    char buffer[256];
    std::snprintf(buffer, sizeof buffer, format, measured, bound);
    return std::string(buffer);
  };
  switch (status) {
    case Status::running:
      return "RUNNING";
    case Status::gradient:
      return "GRADIENT: " + (test == Test::size ? size : "") + text(of_gradient(test)) +
             (at_start ? " at the start, which may as well be a saddle or a maximum" : "");
    case Status::decrease:
      return text("DECREASE: relative decrease of f %.3g <= %.3g");
    case Status::step:
      return text("STEP: length of the step relative to x %.3g <= %.3g");
    case Status::rounding_floor:
      if (test == Test::blur)
        return "ROUNDING_FLOOR: " + size + text("%.3g <= %.3g, what its differences are unsure of");
      return text("ROUNDING_FLOOR: a step would change f by %.3g, its rounding error is %.3g");
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
        return "LINE_SEARCH: neither f nor " + size +
               text("%.3g has fallen in %.0f iterations; its differences know no more of f");
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
      return "SADDLE: " + size +
             text(
                 "%.3g, but the curvature along a direction is %.3g, and no step along it lowers "
                 "f");
    case Status::unbounded:
      return text("UNBOUNDED: f still falls (slope %.3g) at a step of %.3g times the first");
    case Status::no_minimum:
      return "NO_MINIMUM: f falls without end";
  }
  return "";
}

}  // namespace hessopt
