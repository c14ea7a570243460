// Newton's method for f(x) + sum_i l1_i |x_i|, f smooth: proximal Newton on a working set.
//
// Only coordinates that are not 0, or whose derivative is near their l1, can change soon: the
// Hessian is asked for on these alone, and the quadratic model beside the l1 term is minimised by
// l1_minimum. The gradient that is told has all coordinates, so that one left out which should not
// be is met at the next point. A step is shortened until f + l1 |x| falls as Armijo's rule asks.
//
// As in Newton, a Hessian that costs many evaluations serves as long as a new one would not save
// more of them.
//
// J. D. Lee, Y. Sun, M. A. Saunders, "Proximal Newton-type methods for minimizing composite
// functions", SIAM J. Optim. 24 (2014); G.-X. Yuan, C.-H. Ho, C.-J. Lin, "An improved GLMNET for
// L1-regularized logistic regression", JMLR 13 (2012).
#pragma once

#include <cmath>
#include <vector>

#include "hessopt/linalg/l1_quadratic.hpp"
#include "hessopt/solvers/l1_solver.hpp"

namespace hessopt {

// What the Hessian is of.
struct RestrictedHessian {
  double cost = 1;       // of all coordinates, in evaluations of f
  bool convex = false;   // f is known to be
  bool restrict = true;  // to a working set

  template <class A>
  void fields(A& archive) {
    archive(cost, convex, restrict);
  }
  bool valid() const { return cost >= 0 && std::isfinite(cost); }
};

template <Real T>
class ProximalNewton final : public L1Solver<T> {
  using Base = L1Solver<T>;
  using Base::need_;
  using Base::penalty_;
  using Base::run_;
  using Base::settled_;

 public:
  static std::string kind() { return "ProximalNewton " + precision<T>(); }

  ProximalNewton() = default;
  // `l1`: one number, or one per parameter.
  ProximalNewton(Run<T> run, Vector l1, RestrictedHessian use = {});

  // The coordinates whose Hessian is asked for, rising; x is 0 in all others.
  const std::vector<Index>& working_set() const { return set_; }
  Index hessians() const { return hessians_; }

  // Whether the products of the next Hessian may be rounded to float32: where it costs more than f,
  // and no such Hessian has led astray.
  bool takes_rough_hessian() const { return use_.cost > 1 && !needs_exact_; }

  // f without the l1 term, and its gradient.
  void tell(double f, ConstVectorRefOf<T> g);
  // The Hessian of f at ask() in the coordinates of the working set; its lower triangle is read.
  // `rough`: its products were rounded to float32.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h, bool rough = false);
  // Goes on from the current point with another l1 term, and with the Hessian at hand.
  void renew(Vector l1);
  // As Run::resume.
  void resume(const Limits& limits);

  template <class A>
  void fields(A& archive) {
    this->base_fields(archive);
    archive(penalty_, use_, set_, h_, hessians_, age_, step_, promised_, slope_, share_, settled_,
            pace_, is_rough_, needs_exact_);
    if constexpr (std::same_as<A, Reader>) penalty_.measure(run_);
  }
  bool valid() const;

 private:
  static constexpr double near = 0.9;      // of l1: derivatives from which on a coordinate may move
  static constexpr Index least_set = 500;  // coordinates that a working set may have in any case
  static constexpr double accuracy = 1e-3;    // of the minimum of a model
  static constexpr double sufficient = 1e-4;  // Armijo's
  static constexpr double shortest = 1e-10;   // share of a step that is tried
  static constexpr double fresh_pace = 2;     // digits of the gradient a step gains on a new H
  static constexpr double poor_pace = 0.3;    // the same, that a rough one is to blame for
  static constexpr double most_digits = std::numeric_limits<T>::digits10;

  void proceed(double before);
  bool has_strangers() const;
  bool needs_hessian(double before);
  void choose_set();
  void choose_step();
  void set_trial();
  void reject(double f, bool finite);

  RestrictedHessian use_;
  std::vector<Index> set_;
  Matrix h_;  // in units of the run, on set_; empty: none yet
  Index hessians_ = 0, age_ = 0;
  Vector step_;          // on set_
  double promised_ = 0;  // that f + l1 |x| falls by to the minimum of the model
  double slope_ = 0;     // of f + l1 |x| along the step, at its start, < 0
  double share_ = 1;     // of the step, at the trial
  double pace_ = 0;      // digits of the gradient a step gains on this Hessian; 0: not known
  bool is_rough_ = false, needs_exact_ = false;
};

}  // namespace hessopt
