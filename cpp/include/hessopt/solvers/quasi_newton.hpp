// Quasi-Newton methods: x+ = x - t H g, H from the steps taken so far, t from a strong-Wolfe line
// search. Lbfgs keeps the last m steps, Bfgs the whole matrix.
//
// In a box H is restricted to the coordinates that no bound holds nor is about to: those that the
// step -gamma g would bring to their bounds, gamma the length of H along the newest step, take that
// step. The search follows the projection of the ray. It is a two-metric projection, which descends
// whatever is held, and in all of space is the method without bounds.
//
// D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Math.
// Programming 45 (1989); J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapter 6;
// D. P. Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
// SIAM J. Control Optim. 20 (1982).
#pragma once

#include "hessopt/linalg/bfgs_matrix.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/path_search.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

// H0: gamma I unless a positive diagonal is given, or the caller applies an operator of their own.
struct InitialHessian {
  Vector diagonal;
  bool is_operator = false;

  template <class A>
  void fields(A& archive) {
    archive(diagonal, is_operator);
  }
};

// Model: push, direction, direction_on, apply, count, clear, step_norm as in LbfgsHistory.
template <Real T, class Model>
class QuasiNewton : public SolverState<T> {
  using Base = SolverState<T>;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return Model::kind() + " " + precision<T>(); }

  QuasiNewton() = default;
  explicit QuasiNewton(Run<T> run, Model model, double initial_step = 0, InitialHessian h0 = {},
                       const Wolfe& wolfe = {});

  // Pairs without measurable curvature, which were left out of the model.
  Index skipped() const { return skipped_; }
  const Vector& operand() const { return operand_; }
  // out = the approximate inverse Hessian times v.
  void apply_inverse(ConstVectorRefOf<T> v, Eigen::Ref<VectorOf<T>> out) const;

  // The same as a matrix, of the model that is one.
  Matrix inverse() const
    requires requires(const Model& m) { m.matrix(Index{}, 1.0); }
  {
    return model_.matrix(run_.trial().size(), run_.unit());
  }

  void tell(double f, ConstVectorRefOf<T> g);

  // As Run::resume.
  void resume(const Limits& limits);
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur);

  // As Run::renew_variables, with f curved by `curvature` along all of them, as far as is known.
  void renew(Variables variables, double curvature);

  // The preconditioner times operand().
  void tell_product(ConstVectorRef product);

  template <class A>
  void fields(A& archive) {
    Base::base_fields(archive);
    archive(model_, h0_, initial_step_, search_, operand_, down_, promised_, skipped_,
            skipped_in_a_row_, falls_on_, settled_, doubted_, doubted_at_, least_promise_,
            cleared_at_, goes_by_size_, idle_f_, idle_norm_, active_at_);
  }
  bool valid() const;

 private:
  // Of f, relatively: below it the line search uses slopes alone.
  static constexpr double hidden = sizeof(T) == 4 ? 1e-5 : 1e-10;
  static constexpr Index most_skips = 3;
  static constexpr Index most_idle = 20;    // evaluations
  static constexpr double largest = 1e290;  // of |f|, next to overflow

  using Verdict = typename PathSearch<T>::Verdict;

  // Which coordinates H moves, and which a scaled gradient brings to their bounds.
  struct Moving {
    bool all = true;
    Coordinates free, stopping;
  };
  Moving moving() const;
  double stop(const Coordinates& stopping, double slope);
  double first_length_within(double slope) const;
  void proceed();
  void accept(double f, ConstVectorRefOf<T> g);
  void push(const VectorOf<T>& x, ConstVectorRefOf<T> g);
  void recover();
  void end_at_rounding(double change);
  void choose_direction();
  void precondition();
  void finish_direction();
  void descend_steepest(double most_length = 0);
  void aim(double slope);
  void doubt();
  bool is_large_by_size() const;
  bool is_answered() const;
  void descend_by_size();
  void search(double slope);
  void set_trial() { search_.write_trial(run_.set(), run_.current(), run_.trial()); }

  Model model_;
  InitialHessian h0_;
  double initial_step_ = 0;
  PathSearch<T> search_;
  Vector operand_;
  Array down_;
  double promised_ = 0;  // by the full step, to first order
  double least_promise_ = std::numeric_limits<double>::infinity();  // of the model cleared last
  Stop settled_;  // as the automatic tests have it of the current point
  Stop doubted_;  // as they had it where the model was last cleared in doubt
  double cleared_at_ = std::numeric_limits<double>::quiet_NaN();  // f where that was
  bool goes_by_size_ = false;                                     // the next direction
  double doubted_at_ = 0;                                         // f there
  double idle_f_ = std::numeric_limits<double>::infinity();       // f and
  double idle_norm_ = std::numeric_limits<double>::infinity();  // size of g where idle steps began
  Index skipped_ = 0, skipped_in_a_row_ = 0, falls_on_ = 0;
  Index active_at_ = 0;  // the number of evaluations when there was progress
};

// T: of the parameters; H: of the stored pairs.
template <Real T, Real H = T>
using Lbfgs = QuasiNewton<T, LbfgsHistory<H>>;
template <Real T>
using Bfgs = QuasiNewton<T, BfgsMatrix>;

}  // namespace hessopt
