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
// and a new Hessian is asked for when it would save more evaluations than it costs.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapters 3 and 7; N. Doikov, E. M.
// Chayti, M. Jaggi, "Second-order optimization with lazy Hessians", ICML 2023.
#pragma once

#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/solvers/dense_solver.hpp"

namespace hessopt {

// How long one Hessian serves.
struct HessianUse {
  Index every = 1;  // accepted steps, while its model of f holds
  double cost = 0;  // of a Hessian in evaluations of f; if > 0, as long as it pays

  template <class A>
  void fields(A& archive) {
    archive(every, cost);
  }
};

template <Real T>
class Newton : public DenseSolver<Newton<T>, T> {
  using Base = DenseSolver<Newton<T>, T>;
  friend Base;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return "Newton " + precision<T>(); }
  static constexpr std::uint32_t version = 3;

  Newton() = default;
  explicit Newton(Run<T> run, HessianUse use = {}) : Base(std::move(run)), use_(use) {
    require(use.every >= 1, "hessian_every", std::to_string(use.every), "an integer >= 1");
    require(use.cost >= 0 && std::isfinite(use.cost), "hessian_cost", text(use.cost),
            "a finite number >= 0");
    if (is_lazy()) pairs_ = LbfgsHistory<double>(run_.trial().size(), memory);
  }

  // Steps taken on a Hessian of an earlier point.
  Index reused() const { return reused_; }
  // Whether the products of the next Hessian may be rounded to float32: where its use is a matter
  // of cost, and no Hessian so far was too close to singular for that.
  bool takes_rough_hessian() const { return use_.cost > 0 && !needs_exact_; }

  void tell(double f, ConstVectorRefOf<T> g) {
    if (is_proposal_) return judge_proposal(f, g);
    const double before = run_.started() ? run_.current().norm : 0;
    Vector change;
    if (is_lazy() && Base::model().size() > 0) change = -Base::scaled_gradient();
    switch (Base::judge(f, g)) {
      case Base::Verdict::moved: {
        if (Base::ratio() > Base::good) shift_ = is_slight(shift_) ? 0 : shift_ / 4;
        if (Base::ratio() < Base::poor) shift_ = std::max(2 * shift_, 1e-6 * scale());
        if (Base::age() > 0) ++reused_;
        const bool renew = needs_hessian(before);
        if (!renew && change.size() > 0) remember(change + Base::scaled_gradient());
        Base::proceed(renew);
        break;
      }
      case Base::Verdict::turned_down:
        if (Base::age() > 0) {
          need_ = Need::hessian;
        } else {
          shift_ = std::max(4 * shift_, 0.5 * Base::stiffness());
          choose_step();
        }
        break;
      case Base::Verdict::shortened:
      case Base::Verdict::ended:
        break;
    }
    run_.check_limits();
  }

  // `rough`: its products were rounded to float32.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h,
                    bool rough = false) {
    require(!rough || takes_rough_hessian(), "H", "rounded to float32", "an exact Hessian");
    is_rough_ = rough;
    pairs_.clear();
    pace_ = 0;
    Base::tell_hessian(h);
  }

  // In place of the Hessian at the start: a point found elsewhere, as on a sample of the data, and
  // a Hessian from there. If f is lower at that point the run goes on from it.
  void propose(const VectorOf<T>& x, const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    this->expect(Need::hessian, "propose");
    require(run_.iterations() == 0, "propose", "a run under way", "one that waits at its start");
    require_size("x", x.size(), run_.current().x.size());
    if (!Base::set_model(h)) return;
    is_rough_ = is_proposal_ = true;
    run_.trial() = x;
    need_ = Need::value;
  }

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(use_, shift_, pairs_, reused_, is_rough_, needs_exact_, is_proposal_, pace_);
  }

 private:
  static constexpr double touch = 1e-10;   // of max |H_ii|
  static constexpr Index memory = 12;      // pairs
  static constexpr double fresh_pace = 2;  // digits of the gradient a step gains on a new Hessian
  // Smallest pivot, relative to its diagonal entry, that rounding to float32 leaves digits of.
  static constexpr double least_rough_pivot = 1e-5;

  bool is_lazy() const { return use_.cost > 0 || use_.every > 1; }
  double scale() { return Base::model().scale(); }
  // A shift that hardly changed the step just taken.
  bool is_slight(double shift) {
    return shift < 0.01 * Base::stiffness() || shift < touch * scale();
  }

  // Whether a new Hessian is wanted after an accepted step; `before`: the gradient before it.
  bool needs_hessian(double before) {
    if (Base::model().size() == 0) return true;
    const double now = run_.current().norm;
    if (use_.cost == 0) {
      const bool holds = (Base::ratio() >= 0.5 && Base::ratio() <= 2) || now <= 0.1 * before;
      return Base::age() + 1 >= use_.every || !holds;
    }
    if (Base::ratio() < Base::poor) return true;
    // At the pace of the last two steps against that of a new Hessian.
    const double pace = std::log10(before / now);
    pace_ = pace_ > 0 ? 0.5 * (pace_ + pace) : pace;
    const double floor = std::numeric_limits<T>::epsilon() * run_.start_norm();
    const double digits = std::log10(now / std::max(run_.gradient_bound(), floor));
    return pace_ <= 0 || digits / pace_ > use_.cost + digits / fresh_pace;
  }

  void remember(const Vector& change) {
    const Vector zero = Vector::Zero(change.size());
    pairs_.push<double>(zero, Base::step(), zero, change, 1.0);
  }

  void judge_proposal(double f, ConstVectorRefOf<T> g) {
    this->expect(Need::value, "tell");
    is_proposal_ = false;
    const double distance = norm(VectorOf<T>(run_.trial() - run_.current().x));
    if (run_.record(f, g) && f < run_.current().f) {
      run_.advance(f, g, distance);
      Base::proceed(false);
    } else {
      need_ = Need::hessian;
    }
    run_.check_limits();
  }

  // True while H, or a shift of it, has a factor to be relied on.
  bool factor() {
    ShiftedCholesky& h = Base::model();
    while (h.shift() != shift_) {
      const Pivot pivot = h.factor(shift_);
      if (is_rough_ && shift_ == 0 && (pivot.failed() || h.least_pivot() < least_rough_pivot)) {
        needs_exact_ = Base::age() == 0;
        need_ = Need::hessian;
        return false;
      }
      if (!pivot.failed()) break;
      // Singular to working precision needs a touch, indefinite a push.
      if (shift_ == 0 && h.is_singular(pivot))
        shift_ = touch * h.scale();
      else
        shift_ = std::max(4 * shift_, 1e-3 * h.scale());
      if (!std::isfinite(shift_)) {
        run_.end(Status::non_finite);
        return false;
      }
    }
    return true;
  }

  void choose_step() {
    if (!factor()) return;
    ShiftedCholesky& h = Base::model();
    Base::set_definite(shift_ <= touch * h.scale());
    Vector d = -Base::scaled_gradient();
    const Array a = pairs_.down(d);
    h.solve(d);
    pairs_.up(a, d);
    Base::take(std::move(d), pairs_.count() == 0);
  }

  HessianUse use_;
  double shift_ = 0;
  LbfgsHistory<double> pairs_;  // of the steps since the Hessian
  Index reused_ = 0;
  bool is_rough_ = false;  // the Hessian at hand
  bool needs_exact_ = false;
  bool is_proposal_ = false;  // the trial
  double pace_ = 0;           // digits of the gradient a step gains on this Hessian; 0: not known
};

}  // namespace hessopt
