#include "hessopt/solvers/proximal_newton.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/gram.hpp"

namespace hessopt {
namespace {

// H made positive definite, if it is not, by a multiple of I.
void make_definite(Matrix& h) {
  const double scale = h.diagonal().cwiseAbs().maxCoeff();
  if (!(scale > 0)) return;
  for (double shift = 0;; shift = shift == 0 ? 1e-3 * scale : 4 * shift) {
    Matrix tried = h;
    tried.diagonal().array() += shift + 1e-10 * scale;
    if (cholesky_factor(tried).failed()) continue;
    h.diagonal().array() += shift;
    return;
  }
}

}  // namespace

template <Real T>
ProximalNewton<T>::ProximalNewton(Run<T> run, Vector l1, RestrictedHessian use)
    : Base(std::move(run), std::move(l1)), use_(use) {
  require(use.valid(), "hessian_cost", text(use.cost), "a finite number >= 0");
}

template <Real T>
void ProximalNewton<T>::tell(double f, ConstVectorRefOf<T> g) {
  const auto told = this->read(f, g);
  if (run_.done()) return;
  if (!run_.started()) {
    run_.advance(told.f, g);
    proceed(0);
    return run_.check_limits();
  }
  const bool falls = told.change <= sufficient * share_ * slope_;
  if (told.finite && (told.hidden ? told.nearer : falls)) {
    const double before = run_.current().gauge.size;
    run_.advance(told.f, g, share_ * step_.norm(), share_ == 1);
    ++age_;
    proceed(before);
  } else {
    if (told.finite) run_.reject(told.f, g);
    reject(told.f, told.finite);
  }
  run_.check_limits();
}

template <Real T>
void ProximalNewton<T>::tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h,
                                     bool rough) {
  this->expect(Need::hessian, "tell_hessian");
  require(!rough || takes_rough_hessian(), "H", "rounded to float32", "an exact Hessian");
  const Index k = static_cast<Index>(set_.size());
  require_size("H", h.rows(), k);
  require_size("H", h.cols(), k);
  if (rough && !h.allFinite()) {  // beyond the range of float32
    needs_exact_ = true;
    return;
  }
  ++hessians_;
  age_ = 0;
  pace_ = 0;
  is_rough_ = rough;
  h_ = run_.unit() * h;
  mirror_lower(h_);
  if (!h_.allFinite()) return run_.end(Status::non_finite);
  if (!use_.convex) make_definite(h_);
  choose_step();
}

template <Real T>
void ProximalNewton<T>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  proceed(0);
  run_.check_limits();
}

template <Real T>
void ProximalNewton<T>::renew(Vector l1) {
  require(run_.started(), "renew", "a run that was told nothing yet", "one that was told f");
  penalty_ = L1Penalty(std::move(l1), run_.trial().size());
  run_.measure_anew([this](Run<T>& run) { penalty_.measure(run); });
  settled_ = {};
  pace_ = fresh_pace;
  if (use_.convex && run_.is_stationary()) return run_.end_stationary();
  const bool is_of_set = need_ == Need::value;  // else another set waits for its Hessian
  if (h_.size() > 0 && is_of_set && !has_strangers()) return choose_step();
  choose_set();
  need_ = Need::hessian;
}

template <Real T>
bool ProximalNewton<T>::valid() const {
  const Index n = run_.trial().size(), k = static_cast<Index>(set_.size());
  const bool under_way = this->is_under_way();
  return this->valid_base(Need::hessian) && penalty_.valid(n) && use_.valid() &&
         is_count(hessians_) && is_count(age_) && std::ranges::is_sorted(set_) &&
         (k == 0 || (set_.front() >= 0 && set_.back() < n)) && h_.rows() == h_.cols() &&
         (h_.rows() == 0 || h_.rows() == k || need_ == Need::hessian) &&
         (!under_way || step_.size() == k) && share_ > 0 && share_ <= 1;
}

// After an accepted step; `before`: what was left of the gradient before it, 0 at the start.
template <Real T>
void ProximalNewton<T>::proceed(double before) {
  if (use_.convex && run_.is_stationary()) run_.end_stationary();
  run_.check_convergence();
  if (run_.done()) return;
  if (needs_hessian(before)) {
    choose_set();
    need_ = Need::hessian;
  } else {
    choose_step();
  }
}

// Whether a coordinate outside of the working set may not stay 0.
template <Real T>
bool ProximalNewton<T>::has_strangers() const {
  const Point<T>& at = run_.current();
  const Vector& l1 = penalty_.strengths();
  std::size_t next = 0;
  for (Index i = 0; i < at.x.size(); ++i) {
    if (next < set_.size() && set_[next] == i)
      ++next;
    else if (std::abs(static_cast<double>(at.g[i])) > l1[i])
      return true;
  }
  return false;
}

// At the pace of the last steps against that of a new Hessian.
template <Real T>
bool ProximalNewton<T>::needs_hessian(double before) {
  if (h_.size() == 0 || before == 0 || has_strangers()) return true;
  const double now = run_.current().gauge.size;
  const double pace = share_ == 1 ? std::log10(before / now) : 0;
  pace_ = pace_ > 0 ? 0.5 * (pace_ + pace) : pace;
  needs_exact_ = needs_exact_ || (is_rough_ && age_ == 1 && pace < poor_pace);
  if (pace_ <= 0) return true;
  const double bound = run_.gradient_bound();
  const double digits = bound > 0
                            ? std::log10(now / bound)
                            : 0.5 * std::log10(promised_ / (run_.rounding() * run_.unit())) - pace;
  const double left = std::min(digits, most_digits);
  const double part = static_cast<double>(set_.size()) / static_cast<double>(run_.trial().size());
  return left / pace_ > 1 + (use_.cost - 1) * part * part + left / fresh_pace;
}

// What is not 0 or not penalised, and of the rest those whose derivatives say most that they may
// not stay 0: where they are too many, the least of them have another turn.
template <Real T>
void ProximalNewton<T>::choose_set() {
  const Point<T>& at = run_.current();
  const Vector& l1 = penalty_.strengths();
  set_.clear();
  if (!use_.restrict) {
    set_.resize(static_cast<std::size_t>(at.x.size()));
    std::iota(set_.begin(), set_.end(), Index{0});
    return;
  }
  std::vector<Index> more;
  const auto excess = [&](Index i) { return std::abs(static_cast<double>(at.g[i])) - l1[i]; };
  for (Index i = 0; i < at.x.size(); ++i) {
    if (at.x[i] != 0 || !penalty_.is_penalised(i))
      set_.push_back(i);
    else if (std::abs(static_cast<double>(at.g[i])) > near * l1[i])
      more.push_back(i);
  }
  const std::size_t room = std::max<std::size_t>(least_set, 2 * set_.size());
  if (more.size() > room) {
    std::ranges::nth_element(more, more.begin() + static_cast<std::ptrdiff_t>(room),
                             [&](Index i, Index j) { return excess(i) > excess(j); });
    more.resize(room);
  }
  set_.insert(set_.end(), more.begin(), more.end());
  std::ranges::sort(set_);
}

// To the minimum of the model.
template <Real T>
void ProximalNewton<T>::choose_step() {
  const Point<T>& at = run_.current();
  const double unit = run_.unit();
  const Index k = static_cast<Index>(set_.size());
  Vector x(k), g(k), l1(k);
  for (Index j = 0; j < k; ++j) {
    const Index i = set_[static_cast<std::size_t>(j)];
    x[j] = static_cast<double>(at.x[i]);
    g[j] = unit * static_cast<double>(at.g[i]);
    l1[j] = unit * penalty_.strengths()[i];
  }
  const double left = std::min(at.gauge.size, 0.1 * run_.start_size());
  const L1Minimum model = l1_minimum(h_, g, x, l1, accuracy * unit * left);
  if (!std::isfinite(model.slope + model.decrease)) return run_.end(Status::non_finite);
  const Stop found = has_strangers() ? Stop{} : run_.settled(std::max(0.0, model.decrease));
  const Stop before = std::exchange(settled_, found);
  // Promises of an earlier Hessian are believed at the second point in a row.
  if (age_ == 0 || before.status != Status::running) run_.end(found);
  if (run_.done()) return;
  promised_ = model.decrease;
  slope_ = model.slope / unit;
  step_ = model.z - x;
  share_ = 1;
  const bool moves = step_.cwiseAbs().maxCoeff() > 0 && slope_ < 0;
  if (moves) return set_trial();
  if (age_ == 0) return run_.end_at_rounding(promised_ / unit, run_.rounding());
  choose_set();
  need_ = Need::hessian;
}

template <Real T>
void ProximalNewton<T>::set_trial() {
  VectorOf<T>& trial = run_.trial();
  trial = run_.current().x;
  for (Index j = 0; j < step_.size(); ++j) {
    T& x = trial[set_[static_cast<std::size_t>(j)]];
    x = static_cast<T>(static_cast<double>(x) + share_ * step_[j]);
  }
  need_ = Need::value;
}

template <Real T>
void ProximalNewton<T>::reject(double f, bool finite) {
  const double rounding = run_.rounding();
  if (finite && promised_ <= 100 * rounding * run_.unit()) {
    if (age_ == 0) return run_.end_at_rounding(promised_ / run_.unit(), rounding);
    choose_set();
    need_ = Need::hessian;
    return;
  }
  // The minimum of the parabola through what is known along the step.
  double less = 0.25;
  if (finite) {
    const double slope = share_ * slope_;
    less = std::clamp(-0.5 * slope / (f - run_.current().f - slope), 0.1, 0.5);
  }
  share_ *= less;
  if (share_ >= shortest) return set_trial();
  if (age_ > 0) {
    choose_set();
    need_ = Need::hessian;
    return;
  }
  run_.end(finite ? Status::line_search : Status::non_finite, slope_, share_ * step_.norm());
}

template class ProximalNewton<float>;
template class ProximalNewton<double>;

}  // namespace hessopt
