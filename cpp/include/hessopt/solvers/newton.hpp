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
class Newton : public DenseSolver<Newton<T>, T> {
  using Base = DenseSolver<Newton<T>, T>;
  friend Base;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return "Newton " + precision<T>(); }
  static constexpr std::uint32_t version = 6;

  Newton() = default;
  explicit Newton(Run<T> run, HessianUse use = {}) : Base(std::move(run)), use_(use) {
    require(use.every >= 1, "hessian_every", std::to_string(use.every), "an integer >= 1");
    require(use.cost >= 0 && std::isfinite(use.cost), "hessian_cost", text(use.cost),
            "a finite number >= 0");
    pairs_ = LbfgsHistory<double>(run_.trial().size(), is_lazy() ? memory : 0);
    Base::set_definite(use.convex);
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
    if (is_lazy() && run_.started()) change = -Base::scaled_gradient();
    const auto verdict = Base::judge(f, g, is_exact());
    if (is_within_radius_) radius_ = Base::next_radius(radius_, verdict, true);
    switch (verdict) {
      case Base::Verdict::moved: {
        if (has_model()) adapt();
        const bool renew = needs_hessian(before);
        if (!renew && change.size() > 0) remember(change + Base::scaled_gradient());
        Base::proceed(renew);
        break;
      }
      case Base::Verdict::turned_down:
        if (!has_model()) {
          Base::shorten();
        } else if (!is_exact()) {
          needs_exact_ = needs_exact_ || (Base::age() == 0 && !is_sampled_);
          need_ = Need::hessian;
        } else if (is_within_radius_) {
          choose_step();
        } else {
          shift_ = std::max({4 * shift_, 0.5 * Base::stiffness(),
                             Base::step_length() > Base::farthest()
                                 ? norm(Base::scaled_gradient()) / Base::farthest()
                                 : 0.0});
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
    if (rough && !h.allFinite()) {  // beyond the range of float32
      needs_exact_ = true;
      return;
    }
    renew(rough);
    Base::tell_hessian(h);
  }

  // At the start, once f is told there: a point found elsewhere, as on a sample of the data, and a
  // Hessian from there. If f is lower at that point the run goes on from it.
  void propose(const VectorOf<T>& x, const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    require(run_.started() && run_.evaluations() == 1 && !run_.done(), "propose", "a run under way",
            "one that was told f at its start and no more");
    require_size("x", x.size(), run_.current().x.size());
    renew(true);
    is_sampled_ = true;
    if (!Base::set_model(h)) return;
    is_proposal_ = true;
    run_.trial() = x;
    need_ = Need::value;
  }

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(use_, shift_, radius_, is_within_radius_, pairs_, reused_, is_rough_, is_touched_,
            is_sampled_, is_sound_, needs_exact_, is_proposal_, pace_);
  }
  bool valid() const {
    return Base::valid_dense() && Base::valid_step(Base::is_under_way() && !is_proposal_) &&
           use_.valid() && shift_ >= 0 && std::isfinite(shift_) &&
           pairs_.valid(run_.trial().size()) && is_count(reused_) &&
           (!is_proposal_ || run_.started());
  }

 private:
  static constexpr double touch = 1e-10;       // of a diagonal entry, where H is singular
  static constexpr double rough_touch = 1e-5;  // the same, and the least pivot, in float32
  static constexpr double sound = 1e-2;        // the least pivot, of errors in float32 next to none
  static constexpr double dear = 4;            // cost from which on to begin without a Hessian
  static constexpr Index memory = 12;          // pairs
  static constexpr double most_digits = std::numeric_limits<T>::digits10;
  static constexpr double fresh_pace = 2;  // digits of the gradient a step gains on a new Hessian

  bool is_lazy() const { return use_.cost > 0 || use_.every > 1; }
  bool has_model() { return Base::model().size() > 0; }
  // Whether the model of f is H itself, at the current point and to digits enough.
  bool is_exact() { return has_model() && Base::age() == 0 && (!is_rough_ || is_sound_); }
  // A shift that hardly changed the step just taken.
  bool is_slight(double shift) const { return shift < 0.01 * Base::stiffness(); }

  // After a step on a Hessian.
  void adapt() {
    if (Base::ratio() > Base::good) shift_ = is_slight(shift_) ? 0 : shift_ / 4;
    if (Base::ratio() < Base::poor) shift_ = std::max(2 * shift_, 0.01 * Base::stiffness());
    if (Base::age() > 0) ++reused_;
  }

  // Whether a new Hessian is wanted after an accepted step; `before`: the gradient before it, 0 at
  // the start.
  bool needs_hessian(double before) {
    if (!has_model() && !(use_.convex && use_.cost >= dear)) return true;
    if (before == 0) return false;
    const double now = run_.current().norm;
    if (use_.cost == 0) {
      const bool holds = (Base::ratio() >= 0.5 && Base::ratio() <= 2) || now <= 0.1 * before;
      return Base::age() + 1 >= use_.every || !holds;
    }
    if (has_model() && Base::ratio() < Base::poor) return true;
    // At the pace of the last steps against that of a new Hessian.
    const double pace = std::log10(before / now);
    pace_ = pace_ > 0 ? 0.5 * (pace_ + pace) : pace;
    const double digits = digits_left(now / before);
    if (!has_model() && static_cast<double>(run_.evaluations()) < use_.cost) return false;
    const bool pays = pace_ <= 0 || digits / pace_ > use_.cost + digits / fresh_pace;
    needs_exact_ = needs_exact_ || (pays && is_touched_ && !is_sampled_);
    return pays;
  }

  // Digits of the gradient, which the last step left `left` of, until the run ends. A decrease has
  // twice as many.
  double digits_left(double left) const {
    if (run_.gradient_bound() > 0)
      return std::min(std::log10(run_.current().norm / run_.gradient_bound()), most_digits);
    const double floor = run_.rounding() * run_.unit();
    const double digits = 0.5 * std::log10(Base::predicted() / floor) + std::log10(left);
    const double score = run_.current().gauge.score;
    return std::isnan(score) ? digits : std::max(digits, std::log10(score / least_score));
  }

  void renew(bool rough) {
    is_rough_ = rough;
    is_touched_ = is_sampled_ = is_sound_ = false;
    pairs_.clear();
    pace_ = 0;
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
      Base::drop_model();
      Base::proceed(needs_hessian(0));
    }
    run_.check_limits();
  }

  // Whether H + shift I has a factor. One that is singular to working precision is given it by a
  // touch to its diagonal.
  bool factor() {
    ShiftedCholesky& h = Base::model();
    if (h.shift() == shift_) return true;
    Pivot pivot = h.factor(shift_);
    is_sound_ = !is_sampled_ && !pivot.failed() && h.least_pivot() > sound;
    if (shift_ == 0 && is_rough_ && (pivot.failed() || h.least_pivot() < rough_touch)) {
      is_touched_ = true;
      pivot = h.factor(0, rough_touch);
    } else if (shift_ == 0 && h.is_singular(pivot)) {
      pivot = h.factor_with_touch();
    }
    // Of a convex f H is indefinite by rounding alone, of whatever size.
    for (double more = touch; use_.convex && pivot.failed() && more <= 1; more *= 100)
      pivot = h.factor(shift_, more);
    return !pivot.failed();
  }

  void choose_step() {
    const bool learnt = pairs_.count() > 0;
    Vector d = -Base::scaled_gradient();
    const Array a = pairs_.down(d);
    if (!has_model()) {
      d *= learnt ? pairs_.gamma() : Base::first_length(norm(d)) / norm(d);
    } else {
      is_within_radius_ = !factor();
      if (is_within_radius_) return choose_within_radius();
      Base::set_definite(use_.convex || shift_ == 0);
      Base::model().solve(d);
    }
    pairs_.up(a, d);
    if (has_model() && Base::model().is_touched()) stay_on_flats(d);
    Base::take(std::move(d), has_model() && !learnt, shift_ == 0);
  }
  // Where neither f nor its gradient leads along flat directions, rounding must not either.
  void stay_on_flats(Vector& d) {
    const Vector flat = Base::model().flat_part(d);
    if (-dot(Base::scaled_gradient(), flat) <= run_.rounding() * run_.unit()) d -= flat;
  }
  // H is indefinite: the minimum of the model in a ball, as in TrustRegion.
  void choose_within_radius() {
    if (!is_exact()) {
      needs_exact_ = needs_exact_ || (is_rough_ && !is_sampled_);
      need_ = Need::hessian;
      return;
    }
    const Vector g = Base::scaled_gradient();
    if (radius_ == 0) radius_ = run_.step() > 0 ? run_.step() : Base::first_length(norm(g));
    Base::set_definite(use_.convex);
    RegionStep step = region_step(Base::model(), g, radius_);
    Base::take(std::move(step.d), true, false);
  }

  HessianUse use_;
  double shift_ = 0;
  double radius_ = 0;              // of a step where H is indefinite; 0: none yet
  bool is_within_radius_ = false;  // the trial
  LbfgsHistory<double> pairs_;     // of the steps since the Hessian
  Index reused_ = 0;
  // Of the Hessian at hand: rounded to float32; too close to singular for that; from a sample; so
  // far from singular that rounding to float32 does not matter.
  bool is_rough_ = false, is_touched_ = false, is_sampled_ = false, is_sound_ = false;
  bool needs_exact_ = false;
  bool is_proposal_ = false;  // the trial
  double pace_ = 0;           // digits of the gradient a step gains on this Hessian; 0: not known
};

}  // namespace hessopt
