// What the solvers for f(x) + sum_i l1_i |x_i| share: the l1 term, and how what they are told is
// read.
#pragma once

#include <cmath>
#include <utility>

#include "hessopt/solvers/l1_penalty.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Real T>
class L1Solver : public SolverState<T> {
  using Base = SolverState<T>;

 public:
  const L1Penalty& penalty() const { return penalty_; }
  Index n_nonzero() const { return penalty_.n_nonzero<T>(run_.best().x); }

 protected:
  using Base::run_;

  struct Told {
    double f;  // with the l1 term
    bool finite;
    double change = 0;    // of f from the current point
    bool hidden = false;  // by rounding, so that what is left of the gradient tells
    bool nearer = false;  // less of it is left
  };

  L1Solver() = default;
  L1Solver(Run<T> run, Vector l1)
      : Base(std::move(run)), penalty_(std::move(l1), run_.trial().size()) {
    penalty_.measure(run_);
  }

  // f without the l1 term, and its gradient, at the trial.
  Told read(double f, ConstVectorRefOf<T> g) {
    this->expect(Need::value, "tell");
    f = run_.with_kinks(f);
    Told told{f, run_.record(f, g)};
    if (run_.done() || !run_.started()) return told;
    const Point<T>& at = run_.current();
    told.change = f - at.f;
    told.hidden = std::abs(told.change) <= run_.rounding();
    told.nearer = run_.told().size < at.gauge.size;
    return told;
  }

  L1Penalty penalty_;
  Stop settled_;  // as the automatic tests have it of the current point
};

}  // namespace hessopt
