// The driver loop for C++ users; Python has the same one.
#pragma once

#include "hessopt/objectives/objective.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Solver S, class F>
  requires std::same_as<typename S::Scalar, double>
const Run<double>& minimize(S& solver, const F& objective) {
  Vector gradient(solver.ask().size()), product(gradient.size());
  Matrix h;
  while (solver.needs() != Need::nothing) {
    const Vector& x = solver.ask();
    if (solver.needs() == Need::value) {
      const double f = objective.value_and_gradient(x, gradient);
      solver.tell(f, gradient);
    }
    if constexpr (HessianSolver<S>) {
      if (solver.needs() != Need::hessian) continue;
      h.resize(gradient.size(), gradient.size());
      objective.hessian(solver.ask(), h);
      solver.tell_hessian(h);
    }
    if constexpr (ProductSolver<S> &&
                  requires { objective.hessp(x, solver.operand(), VectorRef(product)); }) {
      if (solver.needs() != Need::product) continue;
      objective.hessp(solver.ask(), solver.operand(), product);
      solver.tell_product(product);
    }
  }
  return solver.run();
}

}  // namespace hessopt
