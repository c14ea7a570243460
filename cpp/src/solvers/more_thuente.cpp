#include "hessopt/solvers/more_thuente.hpp"

#include <algorithm>
#include <cmath>

namespace hessopt {

void MoreThuente::start(double slope, double step, double hidden, double most) {
  *this = MoreThuente(wolfe_);
  origin_ = low_ = high_ = {0, 0, slope};
  hidden_ = hidden;
  most_ = std::min(most, max_step);
  step_ = std::min(step, most_);
  upper_ = std::min(step_ * (1 + expand_most), most_);
  verdict_ = Verdict::searching;
}

void MoreThuente::tell(bool finite, double value, double slope, double before, double share) {
  ++trials_;
  if (!finite) return contract();
  finite_ = true;
  const Sample trial{step_, value, slope};
  if (accepts(trial, before, share)) {
    verdict_ = Verdict::accepted;
    return;
  }
  if (trials_ >= wolfe_.most_trials || step_ >= max_step) {
    verdict_ = Verdict::failed;
    return;
  }
  const double sufficient = wolfe_.c1 * step_ * origin_.slope * share;
  if (first_stage_ && value <= sufficient && slope >= 0) first_stage_ = false;
  // In the first stage the paper works on the auxiliary function, whose minimum lies where the
  // first Wolfe condition holds.
  if (first_stage_ && value <= low_.value && value > sufficient) {
    const double tilt = wolfe_.c1 * origin_.slope;
    Sample low = tilted(low_, -tilt), high = tilted(high_, -tilt);
    update(low, high, tilted(trial, -tilt));
    low_ = tilted(low, tilt);
    high_ = tilted(high, tilt);
  } else {
    update(low_, high_, trial);
  }
  next_bounds();
}

MoreThuente::Sample MoreThuente::tilted(Sample s, double tilt) {
  return {s.step, s.value + s.step * tilt, s.slope + tilt};
}

bool MoreThuente::accepts(const Sample& t, double before, double share) const {
  const auto [c1, c2, most] = wolfe_;
  const double flat = -c2 * origin_.slope;
  const bool is_flat =
      std::abs(t.slope) <= flat || std::abs(before) <= flat || (before <= 0 && t.slope >= 0);
  const bool wolfe = t.value <= c1 * t.step * origin_.slope * share && is_flat;
  const bool near = std::abs(t.value) <= hidden_ && (2 * delta - 1) * origin_.slope >= t.slope &&
                    t.slope >= c2 * origin_.slope;
  return wolfe || near;
}
// Outside the domain of f: the trial becomes the limit of all later steps.
void MoreThuente::contract() {
  limit_ = upper_ = step_;
  step_ = low_.step + (low_.step == 0 ? 0.1 : 0.5) * (step_ - low_.step);
  if (trials_ >= 3 * wolfe_.most_trials || step_ == low_.step) verdict_ = Verdict::failed;
}

// Minimiser of the cubic through a and b with their slopes, seen from a.
double MoreThuente::cubic(const Sample& a, const Sample& b) {
  const double theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope;
  const double s = std::max({std::abs(theta), std::abs(a.slope), std::abs(b.slope)});
  double gamma =
      s * std::sqrt(std::max(0.0, (theta / s) * (theta / s) - (a.slope / s) * (b.slope / s)));
  if (b.step < a.step) gamma = -gamma;
  const double r = (gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope);
  return a.step + r * (b.step - a.step);
}
double MoreThuente::secant(const Sample& a, const Sample& b) {  // zero of the slope
  return b.step + b.slope / (b.slope - a.slope) * (a.step - b.step);
}

// The four cases of section 4: the next trial, then the new interval.
void MoreThuente::update(Sample& low, Sample& high, const Sample& t) {
  const bool turned = t.slope * low.slope < 0;
  double next;
  if (t.value > low.value) {  // a minimum lies between
    const double c = cubic(low, t);
    const double rise = (low.value - t.value) / (t.step - low.step) + low.slope;
    const double q = low.step + low.slope / rise / 2 * (t.step - low.step);
    next = std::abs(c - low.step) < std::abs(q - low.step) ? c : c + (q - c) / 2;
    // f may be high there for reasons of its own, as a penalty is: not too near at once.
    const double least = low.step + shrink_most * (t.step - low.step);
    next = t.step > low.step ? std::max(next, least) : std::min(next, least);
    bracketed_ = true;
  } else if (turned) {  // lower, slope turned: between as well
    const double c = cubic(t, low), s = secant(low, t);
    next = std::abs(c - t.step) > std::abs(s - t.step) ? c : s;
    bracketed_ = true;
  } else if (std::abs(t.slope) < std::abs(low.slope)) {  // lower, flatter
    next = flatter(low, high, t);
  } else {  // lower, no flatter
    next = bracketed_ ? cubic(t, high) : (t.step > low.step ? upper_ : lower_);
  }
  if (t.value > low.value) {
    high = t;
  } else {
    if (turned) high = low;
    low = t;
  }
  step_ = next;
}

double MoreThuente::flatter(const Sample& low, const Sample& high, const Sample& t) const {
  // The cubic may have no minimum ahead, or one behind the trial; then the interval's end serves.
  const double theta = 3 * (low.value - t.value) / (t.step - low.step) + low.slope + t.slope;
  const double s = std::max({std::abs(theta), std::abs(low.slope), std::abs(t.slope)});
  double gamma =
      s * std::sqrt(std::max(0.0, (theta / s) * (theta / s) - (low.slope / s) * (t.slope / s)));
  if (t.step > low.step) gamma = -gamma;
  const double r = (gamma - t.slope + theta) / (gamma + (low.slope - t.slope) + gamma);
  double c = t.step > low.step ? upper_ : lower_;
  if (r < 0 && gamma != 0) c = t.step + r * (low.step - t.step);
  const double q = secant(low, t);
  const bool cubic_is_closer = std::abs(c - t.step) < std::abs(q - t.step);
  if (!bracketed_) return std::clamp(cubic_is_closer ? q : c, lower_, upper_);
  const double next = cubic_is_closer ? c : q, most = t.step + shrink * (high.step - t.step);
  return t.step > low.step ? std::min(most, next) : std::max(most, next);
}

void MoreThuente::next_bounds() {
  if (bracketed_) {
    const double width = std::abs(high_.step - low_.step);
    // An interval that does not shrink by a third in two trials is halved.
    if (width >= shrink * old_width_) step_ = low_.step + 0.5 * (high_.step - low_.step);
    old_width_ = width_;
    width_ = width;
    lower_ = std::min(low_.step, high_.step);
    upper_ = std::max(low_.step, high_.step);
    const bool inside = step_ > lower_ && step_ < upper_;
    if (!inside || width <= tiny_width * upper_) verdict_ = Verdict::failed;
  } else {
    lower_ = step_ + expand_least * (step_ - low_.step);
    upper_ = step_ + expand_most * (step_ - low_.step);
    // Beyond a step where f was not finite nothing is tried again.
    upper_ = std::min(upper_, limit_ < max_step ? low_.step + 0.5 * (limit_ - low_.step) : most_);
    lower_ = std::min(lower_, upper_);
    step_ = std::min(step_, upper_);
  }
}

}  // namespace hessopt
