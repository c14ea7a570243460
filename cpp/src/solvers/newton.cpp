#include "hessopt/solvers/newton.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
Newton<T>::Newton(Run<T> run, HessianUse use) : Base(std::move(run)), use_(use) {
  require(use.every >= 1, "hessian_every", std::to_string(use.every), "an integer >= 1");
  require(use.cost >= 0 && std::isfinite(use.cost), "hessian_cost", text(use.cost),
          "a finite number >= 0");
  pairs_ = LbfgsHistory<double>(run_.trial().size(), is_lazy() ? memory : 0);
  Base::set_definite(use.convex);
}

template <Real T>
void Newton<T>::tell(double f, ConstVectorRefOf<T> g) {
  if (is_proposal_) return judge_proposal(f, g);
  const double before = run_.started() ? run_.current().gauge.size : 0;
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
    case Base::Verdict::rejected:
      if (!has_model()) {
        // Of a step that promises no more than rounding only a Hessian tells more.
        if (Base::predicted() <= run_.rounding() * run_.unit())
          need_ = Need::hessian;
        else
          Base::shorten();
      } else if (!is_exact()) {
        needs_exact_ = needs_exact_ || (Base::age() == 0 && !is_subsampled_);
        need_ = Need::hessian;
      } else if (is_within_radius_) {
        choose_step();
      } else {
        shift_ = std::max({4 * shift_, 0.5 * Base::stiffness(),
                           Base::step_length() > Base::farthest()
                               ? norm(Base::scaled_left()) / Base::farthest()
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

template <Real T>
void Newton<T>::tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h,
                             bool rough) {
  require(!rough || takes_rough_hessian(), "H", "rounded to float32", "an exact Hessian");
  if (rough && !h.allFinite()) {  // beyond the range of float32
    needs_exact_ = true;
    return;
  }
  renew(rough);
  Base::tell_hessian(h);
}

template <Real T>
void Newton<T>::propose(const VectorOf<T>& x,
                        const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
  require(run_.started() && run_.evaluations() == 1 && !run_.done(), "propose", "a run under way",
          "one that was told f at its start and no more");
  require_size("x", x.size(), run_.current().x.size());
  renew(true);
  is_subsampled_ = true;
  if (!Base::set_model(h)) return;
  is_proposal_ = true;
  run_.trial() = x;
  need_ = Need::value;
}

template <Real T>
bool Newton<T>::valid() const {
  return Base::valid_dense() && Base::valid_step(Base::is_under_way() && !is_proposal_) &&
         use_.valid() && shift_ >= 0 && std::isfinite(shift_) &&
         pairs_.valid(run_.trial().size()) && is_count(reused_) &&
         (!is_proposal_ || run_.started());
}

// Whether the model of f is H itself, at the current point and to digits enough.
template <Real T>
bool Newton<T>::is_exact() {
  return has_model() && Base::age() == 0 && (!is_rough_ || is_sound_);
}

// A shift that hardly changed the step just taken.
template <Real T>
bool Newton<T>::is_slight(double shift) const {
  return shift < 0.01 * Base::stiffness();
}

// After a step on a Hessian.
template <Real T>
void Newton<T>::adapt() {
  if (Base::ratio() > Base::good) shift_ = is_slight(shift_) ? 0 : shift_ / 4;
  if (Base::ratio() < Base::poor) shift_ = std::max(2 * shift_, 0.01 * Base::stiffness());
  if (Base::age() > 0) ++reused_;
}

// Whether a new Hessian is wanted after an accepted step; `before`: the gradient before it, 0 at
// the start.
template <Real T>
bool Newton<T>::needs_hessian(double before) {
  if (!has_model() && !(use_.convex && weighs() && use_.cost >= expensive)) return true;
  if (before == 0) return false;
  const double now = run_.current().gauge.size;
  if (!weighs()) {
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
  needs_exact_ = needs_exact_ || (pays && is_perturbed_ && !is_subsampled_);
  return pays;
}

// Digits of the gradient, which the last step left `left` of, until the run ends. A decrease has
// twice as many.
template <Real T>
double Newton<T>::digits_left(double left) const {
  if (run_.gradient_bound() > 0)
    return std::min(std::log10(run_.current().gauge.size / run_.gradient_bound()), most_digits);
  const double floor = run_.rounding() * run_.unit();
  const double digits = 0.5 * std::log10(Base::predicted() / floor) + std::log10(left);
  const double score = run_.current().gauge.score;
  return std::isnan(score) ? digits : std::max(digits, std::log10(score / least_score));
}

template <Real T>
void Newton<T>::renew(bool rough) {
  is_rough_ = rough;
  is_perturbed_ = is_subsampled_ = is_sound_ = false;
  pairs_.clear();
  pace_ = 0;
}

template <Real T>
void Newton<T>::remember(const Vector& change) {
  const Vector zero = Vector::Zero(change.size());
  pairs_.push<double>(zero, Base::step(), zero, change, 1.0);
}

template <Real T>
void Newton<T>::judge_proposal(double f, ConstVectorRefOf<T> g) {
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

// Whether H + shift I has a factor. One that is singular to working precision has it once its
// diagonal is perturbed.
template <Real T>
bool Newton<T>::factor() {
  ShiftedCholesky& h = Base::model();
  if (h.shift() == shift_) return true;
  Pivot pivot = h.factor(shift_);
  is_sound_ = !is_subsampled_ && !pivot.failed() && h.least_pivot() > sound;
  if (shift_ == 0 && is_rough_ && (pivot.failed() || h.least_pivot() < rough_perturbation)) {
    is_perturbed_ = true;
    pivot = h.factor(0, rough_perturbation);
  } else if (shift_ == 0 && h.is_singular(pivot)) {
    pivot = h.factor_perturbed();
  }
  // Of a convex f H is indefinite by rounding alone, of whatever size.
  for (double more = perturbation; use_.convex && pivot.failed() && more <= 1; more *= 100)
    pivot = h.factor(shift_, more);
  return !pivot.failed();
}

template <Real T>
void Newton<T>::choose_step() {
  const bool learnt = pairs_.count() > 0;
  Vector d = -Base::gradient_of_face();
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
  if (has_model() && Base::model().is_perturbed()) remove_flat_part(d);
  Base::take(std::move(d), has_model() && !learnt, shift_ == 0, shift_);
}

// A component along flat directions that the gradient does not ask for beyond rounding is dropped.
template <Real T>
void Newton<T>::remove_flat_part(Vector& d) {
  const Vector flat = Base::model().flat_part(d);
  if (-dot(Base::gradient_of_face(), flat) <= run_.rounding() * run_.unit()) d -= flat;
}

// H is indefinite: the minimum of the model in a ball, as in TrustRegion.
template <Real T>
void Newton<T>::choose_within_radius() {
  if (!is_exact()) {
    needs_exact_ = needs_exact_ || (is_rough_ && !is_subsampled_);
    need_ = Need::hessian;
    return;
  }
  const Vector g = Base::gradient_of_face();
  if (radius_ == 0) radius_ = run_.step() > 0 ? run_.step() : Base::first_length(norm(g));
  Base::set_definite(use_.convex);
  RegionStep step = region_step(Base::model(), g, radius_);
  Base::take(std::move(step.d), true, false, step.lambda, radius_);
}

template class Newton<float>;
template class Newton<double>;

}  // namespace hessopt
