// Where a run may go, and the variables in which its solver works.
#include <string>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/solvers/run.hpp"

namespace hessopt {

template <Real T>
void Run<T>::confine(FeasibleSet<T> set) {
  require(!started() && !done() && variables_.is_identity(), "bounds", "a run under way",
          "one that was told nothing yet");
  if (!set.is_whole()) require_size("lower", set.lower().size(), trial_.size());
  set_ = std::move(set);
  set_.project(trial_);
}

template <Real T>
void Run<T>::change_variables(Variables variables) {
  require(!started() && !done(), "variables", "a run under way", "one that was told nothing yet");
  require(trial_.size() % variables.block() == 0, "variables",
          "columns for " + std::to_string(variables.block()) + " parameters",
          "as many as each output of x has");
  set_.change_variables(variables);
  trial_ = variables.to_z(trial_.template cast<double>()).template cast<T>();
  variables_ = std::move(variables);
}

template <Real T>
void Run<T>::lie_on(Equalities plane) {
  require(!started() && !done() && variables_.is_identity() && set_.is_whole(), "constraints",
          "a run under way or with bounds", "one that was told nothing yet, without");
  require_size("x0", trial_.size(), plane.free());
  variables_ = Variables(std::move(plane));
}

template <Real T>
void Run<T>::renew_variables(Variables variables) {
  require(started() && !done() && current_.outer.size() > 0 && set_.is_whole(), "variables",
          "a run that has none, has bounds or is not under way",
          "one under way in variables of columns");
  require_size("variables", variables.block(), variables_.block());
  const auto move = [&](VectorOf<T>& z) {
    const Vector x = variables_.to_x(z.template cast<double>());
    z = variables.to_z(x).template cast<T>();
  };
  const auto move_point = [&](Point<T>& at) {
    if (at.x.size() == 0) return;
    move(at.x);
    at.g = variables.gradient_to_z(at.outer.template cast<double>()).template cast<T>();
    at.gauge.size =
        gauge<T>(optimality_, set_, variables, at.x, at.g, {.outer = at.outer, .rounding = 1}).size;
  };
  move_point(current_);
  move_point(best_);
  if (start_.size() > 0) move(start_);
  trial_ = current_.x;
  variables_ = std::move(variables);
  renewed_at_ = gradients_;
  renewed_norm_ = current_.gauge.norm;
}

#define HESSOPT_VARIABLES_OF(T)                      \
  template void Run<T>::confine(FeasibleSet<T>);     \
  template void Run<T>::change_variables(Variables); \
  template void Run<T>::lie_on(Equalities);          \
  template void Run<T>::renew_variables(Variables);
HESSOPT_VARIABLES_OF(float)
HESSOPT_VARIABLES_OF(double)
#undef HESSOPT_VARIABLES_OF

}  // namespace hessopt
