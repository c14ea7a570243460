// Newton's method for Hessians that can be stored: H d = -g by Cholesky, with no learning rate.
//
// The full step is taken wherever f falls as the quadratic model says. Where it does not, or H is
// not positive definite, a multiple of I is added, chosen by the ratio of the decrease found to the
// one predicted.
//
// A Hessian costs many evaluations, and its factor need not be thrown away after one step. What H
// has changed by since is learnt from the steps themselves: the L-BFGS recursion runs from the
// factor,
//   q <- g, down the pairs;   q <- (L L')^-1 q;   up the pairs;   d = -q
// and a new Hessian is asked for when it would save more evaluations than it costs. Where it costs
// many and f is convex, the recursion begins on a multiple of I, and the first Hessian waits until
// as much has been spent without it.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapters 3 and 7; N. Doikov, E. M.
// Chayti, M. Jaggi, "Second-order optimization with lazy Hessians", ICML 2023.
#pragma once

#include <cmath>

#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/dense_solver.hpp"

namespace hessopt {

// How long one Hessian serves.
struct HessianUse {
  Index every = 1;      // accepted steps, while its model of f holds
  double cost = 0;      // of a Hessian, in evaluations of f; if > 0, as long as it pays
  bool convex = false;  // f is known to be: no Hessian is needed to tell a minimum

  template <class A>
  void fields(A& archive) {
    archive(every, cost, convex);
  }
  bool valid() const { return every >= 1 && cost >= 0 && std::isfinite(cost); }
};

template <Real T>
class Newton final : public DenseSolver<T> {
  using Base = DenseSolver<T>;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return "Newton " + precision<T>(); }

  Newton() = default;
  explicit Newton(Run<T> run, HessianUse use = {});

  // Steps taken on a Hessian of an earlier point.
  Index reused() const { return reused_; }
  // Whether the products of the next Hessian may be rounded to float32: where its use is a matter
  // of cost, and no Hessian so far was too close to singular for that.
  bool takes_rough_hessian() const { return weighs() && !needs_exact_; }

  void tell(double f, ConstVectorRefOf<T> g);

  // `rough`: its products were rounded to float32.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h, bool rough = false);

  // At the start, once f is told there: a point found elsewhere, as on a sample of the data, and a
  // Hessian from there. If f is lower at that point the run goes on from it.
  void propose(const VectorOf<T>& x, const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h);

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(use_, shift_, radius_, is_within_radius_, pairs_, reused_, is_rough_, is_perturbed_,
            is_subsampled_, is_sound_, needs_exact_, is_proposal_, pace_);
  }
  bool valid() const;

 private:
  static constexpr double perturbation = 1e-10;       // of a diagonal entry, where H is singular
  static constexpr double rough_perturbation = 1e-5;  // the same, and the least pivot, in float32
  static constexpr double sound = 1e-2;   // the least pivot, of errors in float32 next to none
  static constexpr double expensive = 4;  // cost from which on to begin without a Hessian
  static constexpr Index memory = 12;     // pairs
  static constexpr double most_digits = std::numeric_limits<T>::digits10;
  static constexpr double fresh_pace = 2;  // digits of the gradient a step gains on a new Hessian

  // Within bounds a Hessian serves the faces that it meets; what steps have taught is of one.
  bool is_lazy() const { return (use_.cost > 0 || use_.every > 1) && !Base::is_bounded(); }
  // Whether a Hessian serves as long as it pays.
  bool weighs() const { return use_.cost > 0 && !Base::is_bounded(); }
  using Base::has_model;
  bool is_exact();
  bool is_slight(double shift) const;

  void adapt();
  bool needs_hessian(double before);
  double digits_left(double left) const;
  void renew(bool rough);
  void remember(const Vector& change);
  void judge_proposal(double f, ConstVectorRefOf<T> g);
  bool factor();
  void choose_step() override;
  void remove_flat_part(Vector& d);
  void choose_within_radius();

  HessianUse use_;
  double shift_ = 0;
  double radius_ = 0;              // of a step where H is indefinite; 0: none yet
  bool is_within_radius_ = false;  // the trial
  LbfgsHistory<double> pairs_;     // of the steps since the Hessian
  Index reused_ = 0;
  // Of the current Hessian: rounded to float32; too close to singular for that; from a sample of
  // the rows; so far from singular that rounding to float32 does not matter.
  bool is_rough_ = false, is_perturbed_ = false, is_subsampled_ = false, is_sound_ = false;
  bool needs_exact_ = false;
  bool is_proposal_ = false;  // the trial
  double pace_ = 0;           // digits of the gradient a step gains on this Hessian; 0: not known
};

}  // namespace hessopt
