#include "hessopt/solvers/owl_qn.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
OwlQn<T>::OwlQn(Run<T> run, Vector l1, Index memory)
    : Base(std::move(run), std::move(l1)), pairs_(run_.trial().size(), memory) {}

template <Real T>
void OwlQn<T>::tell(double f, ConstVectorRefOf<T> g) {
  const auto told = this->read(f, g);
  if (run_.done()) return;
  if (!run_.started()) {
    run_.advance(told.f, g);
    proceed();
    return run_.check_limits();
  }
  const Point<T>& at = run_.current();
  const bool hidden = told.hidden, falls = told.change <= sufficient * predicted();
  if (told.finite && (falls || (hidden && told.nearer)) && idle_ < most_idle) {
    least_ = hidden ? std::min(least_, at.gauge.size) : std::numeric_limits<double>::infinity();
    idle_ = hidden && !(run_.told().size < least_) ? idle_ + 1 : 0;
    pairs_.push(at.x, run_.trial(), at.g, g, run_.unit());
    run_.advance(told.f, g, pairs_.step_norm(), share_ == 1);
    proceed();
  } else {
    if (told.finite) run_.reject(told.f, g);
    share_ *= 0.5;
    const double least = told.finite && hidden ? shortest_hidden : shortest;
    if (share_ < least || idle_ >= most_idle)
      recover(told.finite);
    else
      set_trial();
  }
  run_.check_limits();
}

template <Real T>
void OwlQn<T>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  settled_ = {};
  proceed();
  run_.check_limits();
}

template <Real T>
void OwlQn<T>::refine(ConstVectorRefOf<T> g, double blur) {
  run_.refine(g, blur);
  settled_ = {};
  proceed();
  run_.check_limits();
}

template <Real T>
bool OwlQn<T>::valid() const {
  const Index n = run_.trial().size();
  return this->valid_base() && penalty_.valid(n) && pairs_.valid(n) && is_count(idle_) &&
         share_ > 0 && share_ <= 1 &&
         (!this->is_under_way() || (direction_.size() == n && left_.size() == n));
}

template <Real T>
void OwlQn<T>::proceed() {
  run_.check_convergence();
  if (!run_.done()) choose_direction();
}

template <Real T>
void OwlQn<T>::choose_direction() {
  const Point<T>& at = run_.current();
  left_ = penalty_.template left<T>(at.x, at.g);
  promised_ = std::numeric_limits<double>::infinity();  // as long as nothing is known of H
  if (pairs_.count() == 0) return descend_steepest();
  Coordinates free;
  for (Index i = 0; i < at.x.size(); ++i)
    if (at.x[i] != 0 || left_[i] != 0) free.push_back(i);
  pairs_.template direction_on<T>(free, left_, run_.unit(), direction_);
  // A coordinate at 0 that H would send against its own descent stays.
  for (const Index i : free)
    if (at.x[i] == 0 && penalty_.is_penalised(i) && direction_[i] * left_[i] > 0) direction_[i] = 0;
  slope_ = run_.unit() * dot(left_, direction_);
  if (!(slope_ < 0)) {
    pairs_.clear();
    return descend_steepest();
  }
  promised_ = -0.5 * slope_;
  // A model of H made of steps is believed at the second point in a row.
  const Stop found = run_.settled(promised_), before = std::exchange(settled_, found);
  if (before.status != Status::running) run_.end(found);
  if (run_.done()) return;
  share_ = 1;
  set_trial();
}

template <Real T>
void OwlQn<T>::descend_steepest() {
  const double size = norm(left_), unit = run_.unit();
  if (size == 0) return run_.end_stationary();
  const double length = run_.step() > 0 ? run_.step() : this->first_length(unit * size);
  direction_ = static_cast<T>(-length / size) * left_;
  slope_ = -unit * length * size;
  share_ = 1;
  set_trial();
}

// Along the direction, as far as each coordinate stays in its orthant.
template <Real T>
void OwlQn<T>::set_trial() {
  const VectorOf<T>& x = run_.current().x;
  VectorOf<T>& trial = run_.trial();
  trial.resize(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const T to = x[i] + static_cast<T>(share_) * direction_[i];
    const T side = x[i] != 0 ? x[i] : -left_[i];
    const bool leaves = penalty_.is_penalised(i) && !(to > 0 ? side > 0 : to < 0 && side < 0);
    trial[i] = leaves ? T(0) : to;
  }
}

// What f + l1 |x| changes by to the trial, to first order.
template <Real T>
double OwlQn<T>::predicted() const {
  const VectorOf<T>& x = run_.current().x;
  double sum = 0;
  for (Index i = 0; i < x.size(); ++i)
    sum += static_cast<double>(left_[i]) *
           (static_cast<double>(run_.trial()[i]) - static_cast<double>(x[i]));
  return sum;
}

// No step along the direction will do.
template <Real T>
void OwlQn<T>::recover(bool finite) {
  const double unit = run_.unit();
  if (run_.end_if_blurred()) return;
  if (pairs_.count() > 0) {
    pairs_.clear();
    idle_ = 0;
    return descend_steepest();
  }
  if (finite && promised_ <= 1000 * run_.rounding() * unit)
    return run_.end_at_rounding(promised_ / unit, run_.rounding());
  if (finite && share_ >= shortest) return set_trial();
  run_.end(finite ? Status::line_search : Status::non_finite, slope_ / unit,
           share_ * norm(direction_));
}

template class OwlQn<float>;
template class OwlQn<double>;

}  // namespace hessopt
