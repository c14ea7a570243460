// The driver loop for C++ users; Python has the same one.
#pragma once

#include "hessopt/objectives/objective.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Solver S, class F>
const Run& minimize(S& solver, const F& objective) {
  Vector gradient(solver.ask().size());
  Matrix h;
  while (!solver.run().done()) {
    const double f = objective.value_and_gradient(solver.ask(), gradient);
    solver.tell(f, gradient);
    if constexpr (SecondOrderSolver<S>) {
      if (!solver.needs_hessian()) continue;
      h.resize(gradient.size(), gradient.size());
      objective.hessian(solver.run().current().x, h);
      solver.tell_hessian(h);
    }
  }
  return solver.run();
}

}  // namespace hessopt
