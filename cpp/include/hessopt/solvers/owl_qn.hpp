// L-BFGS for f(x) + sum_i l1_i |x_i|, f smooth: a quasi-Newton step within an orthant.
//
// Where no sign changes the l1 term is linear, and f with it is smooth; its gradient is the
// pseudo-gradient p. A step goes along -H p, H restricted to the coordinates that are not 0 or
// whose p is not: the rest stays 0. What would leave its orthant, that of x_i or where that is 0 of
// -p_i, stops at 0. The step is halved until f + l1 |x| falls as Armijo's rule asks, by p.
//
// The method of the paper takes H p of all coordinates and drops those whose sign is wrong, which
// can be most of the step: columns that are not in the model are coupled to those that are. On
// correlated data it takes twice as many evaluations or more. Pairs are of gradients of f alone.
//
// G. Andrew, J. Gao, "Scalable training of L1-regularized log-linear models", ICML 2007; D. P.
// Bertsekas, "Projected Newton methods for optimization problems with simple constraints", SIAM J.
// Control Optim. 20 (1982).
#pragma once

#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/l1_solver.hpp"

namespace hessopt {

template <Real T>
class OwlQn final : public L1Solver<T> {
  using Base = L1Solver<T>;
  using Base::penalty_;
  using Base::run_;
  using Base::settled_;

 public:
  static std::string kind() { return "OwlQn " + precision<T>(); }

  OwlQn() = default;
  // `l1`: one number, or one per parameter. `memory`: pairs.
  OwlQn(Run<T> run, Vector l1, Index memory);

  // f without the l1 term, and its gradient.
  void tell(double f, ConstVectorRefOf<T> g);
  // As Run::resume.
  void resume(const Limits& limits);
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur);

  template <class A>
  void fields(A& archive) {
    this->base_fields(archive);
    archive(penalty_, pairs_, direction_, left_, slope_, promised_, share_, settled_, least_,
            idle_);
    if constexpr (std::same_as<A, Reader>) penalty_.measure(run_);
  }
  bool valid() const;

 private:
  static constexpr double sufficient = 1e-4;       // Armijo's
  static constexpr double shortest = 1e-12;        // share of a step that is tried
  static constexpr double shortest_hidden = 0.03;  // the same where rounding hides what f does
  static constexpr Index most_idle = 8;            // steps

  void proceed();
  void choose_direction();
  void descend_steepest();
  void set_trial();
  double predicted() const;
  void recover(bool finite);

  LbfgsHistory<T> pairs_;
  VectorOf<T> direction_, left_;  // left: the pseudo-gradient at the current point
  double slope_ = 0;              // of unit f + l1 |x| along the direction
  double promised_ = 0;           // by the last step of the model, to its minimum; of unit f
  double share_ = 1;              // of the direction, at the trial
  // Of steps that rounding hides: the least of what was left of the gradient, and how many in a row
  // have left no less.
  double least_ = std::numeric_limits<double>::infinity();
  Index idle_ = 0;
};

}  // namespace hessopt
