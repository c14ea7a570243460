#include "hessopt/solvers/newton_cg.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/trust_region.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
NewtonCg<T>::NewtonCg(Run<T> run, double radius, Preconditioner m)
    : Base(std::move(run)), m_(std::move(m)), radius_(radius) {
  require(radius >= 0 && std::isfinite(radius), "initial_step", std::to_string(radius),
          "a finite number > 0");
  if (m_.kind == Preconditioner::Kind::diagonal) {
    require_size("preconditioner", m_.diagonal.size(), run_.trial().size());
    require(m_.diagonal.minCoeff() > 0, "preconditioner", "a number <= 0 on the diagonal",
            "positive numbers");
  }
  if (m_.kind == Preconditioner::Kind::pairs) {
    pairs_ = LbfgsHistory<double>(run_.trial().size(), memory);
    fresh_pairs_ = pairs_;
  }
}

template <Real T>
void NewtonCg<T>::tell(double f, ConstVectorRefOf<T> g) {
  const auto verdict = Base::judge(f, g);
  radius_ = Base::next_radius(radius_, verdict, at_boundary());
  if (verdict == Base::Verdict::moved) proceed();
  if (verdict == Base::Verdict::rejected) retrace();
  run_.check_limits();
}

template <Real T>
void NewtonCg<T>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  proceed();
  run_.check_limits();
}

template <Real T>
void NewtonCg<T>::refine(ConstVectorRefOf<T> g, double blur) {
  Base::refine_run(g, blur);
  proceed();
  run_.check_limits();
}

template <Real T>
void NewtonCg<T>::tell_product(ConstVectorRef v) {
  this->expect(need_ == Need::preconditioner ? need_ : Need::product, "tell_product");
  require_size("product", v.size(), r_.size());
  if (need_ == Need::preconditioner) return next_direction(v);
  ++products_;
  const Vector scaled = widened<double>(run_.unit(), v);
  if (is_bending_) return turn(scaled);
  extend(scaled);
}

template <Real T>
bool NewtonCg<T>::valid() const {
  const Index n = run_.trial().size(), kept = path_norms_.size();
  const bool inside = need_ != Need::value || Base::is_under_way();
  return Base::valid_base(Need::product, Need::preconditioner) &&
         Base::valid_step(Base::is_under_way()) &&
         (need_ != Need::preconditioner || m_.kind == Preconditioner::Kind::caller) &&
         m_.diagonal.size() == (m_.kind == Preconditioner::Kind::diagonal ? n : 0) &&
         valid_pairs(pairs_, n) && valid_pairs(fresh_pairs_, n) && radius_ >= 0 &&
         std::isfinite(radius_) && is_size_or_empty(s_, n) && r_.size() == s_.size() &&
         p_.size() == s_.size() && (!inside || s_.size() == n) && path_.cols() == kept &&
         (path_.rows() == n || (kept == 0 && path_.rows() == 0)) && path_models_.rows() == kept &&
         kept <= most_kept && is_count(inner_) && is_count(products_) && box_.valid(n) &&
         std::all_of(left_out_.begin(), left_out_.end(),
                     [n](Index j) { return j >= 0 && j < n; }) &&
         (!is_bending_ || (need_ == Need::product && box_.change().size() == n));
}

template <Real T>
bool NewtonCg<T>::valid_pairs(const LbfgsHistory<double>& pairs, Index n) const {
  return m_.kind == Preconditioner::Kind::pairs ? pairs.valid(n) : pairs.is_absent();
}

// At a stationary point a few inner iterations from an irregular start search for negative
// curvature: earlier ones may all have stayed in a subspace without it.
template <Real T>
void NewtonCg<T>::proceed() {
  if (!run_.is_stationary()) run_.check_progress();
  if (run_.done()) return;
  if (m_.kind == Preconditioner::Kind::pairs && fresh_pairs_.count() > 0) {
    pairs_ = fresh_pairs_;
    fresh_pairs_.clear();
  }
  settled_ = {};
  is_thorough_ = false;
  left_out_.clear();
  begin(run_.is_stationary());
}

template <Real T>
void NewtonCg<T>::begin(bool probing) {
  probing_ = probing;
  const Index n = run_.current().x.size();
  r_ = Base::scaled_gradient();
  is_bending_ = false;
  if (Base::is_bounded()) {
    const Free free = run_.set().free(run_.current().x, run_.current().g);
    box_ = FaceSearch(Base::low(), Base::high(), r_, free.cast<double>().matrix());
    box_.leave_out(left_out_);
  }
  box_.restrict(r_);
  const double size = norm(r_);
  const double start = run_.start_size();
  target_ = std::min(0.5, start > 0 ? std::sqrt(run_.current().gauge.size / start) : 0.5) * size;
  if (probing) {
    for (Index i = 0; i < n; ++i)
      r_[i] = std::fmod(0.6180339887498949 * static_cast<double>(i + 1), 1.0) - 0.5;
    box_.restrict(r_);
    target_ = 1e-6 * norm(r_);
  }
  s_ = p_ = Vector::Zero(n);
  path_.resize(n, 0);
  path_norms_.resize(0);
  path_models_.resize(0, 3);
  model_ = rz_ = stiffest_ = 0;
  inner_ = 0;
  precondition();
}

// z = M^-1 r, of which the next direction is made.
template <Real T>
void NewtonCg<T>::precondition() {
  using Kind = Preconditioner::Kind;
  if (probing_ || m_.kind == Kind::none || (m_.kind == Kind::pairs && pairs_.count() == 0))
    return next_direction(r_);
  if (m_.kind == Kind::diagonal) {
    Vector z = r_;
    multiply(m_.diagonal, z);
    return next_direction(z);
  }
  if (m_.kind == Kind::pairs) {
    Vector z(r_.size());
    pairs_.apply<double>(r_, 1, z);
    return next_direction(z);
  }
  need_ = Need::preconditioner;
}

template <Real T>
void NewtonCg<T>::next_direction(const Vector& z) {
  const double rz = dot(r_, z);
  if (!(rz > 0) || !std::isfinite(rz)) {  // M is not positive definite along r
    if (inner_ == 0 && !probing_)
      return run_.end(Status::line_search, -rz / run_.unit(), run_.step());
    return finish(InnerStop::tolerance);
  }
  combine(rz_ == 0 ? 0 : rz / rz_, p_, -1, z, p_);  // 0: on a face that is new
  box_.restrict(p_);
  rz_ = rz;
  need_ = Need::product;
}

// One step of conjugate gradients along p, given H p.
template <Real T>
void NewtonCg<T>::extend(const Vector& hp) {
  ++inner_;
  const double curvature = dot(p_, hp), pp = norm(p_);
  if (!std::isfinite(curvature)) return run_.end(Status::non_finite);
  // Relative to the largest curvature met here, never absolute: below it the sign is rounding.
  stiffest_ = std::max(stiffest_, norm(hp) / pp);
  const double noise = std::numeric_limits<double>::epsilon() * stiffest_ * pp * pp;
  hp_ = curvature;
  slope_ = dot(r_, p_);  // of the model, along p from s
  if (!probing_ && std::abs(curvature) <= negative * stiffest_ * pp * pp && ends_here())
    return begin(true);
  if (curvature <= noise) {
    if (probing_) {
      const double least = std::max(negative, Base::curvature_error()) * stiffest_;
      return conclude_probe(curvature / (pp * pp), curvature < -least * pp * pp);
    }
    if (radius_ == 0) radius_ = inner_ > 1 ? norm(s_) : Base::first_length(norm(r_));
    return finish(InnerStop::negative_curvature);
  }
  const double alpha = rz_ / curvature;
  if (m_.kind == Preconditioner::Kind::pairs && !probing_) keep_pair(hp);
  Vector next;
  combine(1, s_, alpha, p_, next);
  if (!probing_ && radius_ > 0 && norm(next) >= radius_) return finish(InnerStop::boundary);
  keep_point();
  model_ += alpha * slope_ + 0.5 * alpha * alpha * curvature;
  s_.swap(next);
  combine(1, r_, alpha, hp, r_);
  box_.restrict(r_);
  if (norm(r_) <= target_) return finish(InnerStop::tolerance);
  const Index most = probing_ ? most_probes : std::min<Index>(2 * s_.size(), most_products);
  if (inner_ >= most) return finish(InnerStop::limit);
  precondition();
}

// Whether all that is left to be promised lies along p, where rounding hides the curvature: no
// more than its slope over the length of x, or of a first step.
template <Real T>
bool NewtonCg<T>::ends_here() {
  if (is_thorough_) return true;
  const double length = std::max({radius_, norm(run_.current().x), Base::first_length(norm(r_))});
  settled_ = run_.settled(-model_ - slope_ * length / norm(p_));
  return settled_.status != Status::running;
}

// The step: s, or up to the boundary along p.
template <Real T>
void NewtonCg<T>::finish(InnerStop why) {
  inner_stop_ = why;
  if (probing_) return conclude_probe(0, false);
  double model = model_;
  Vector step = s_;
  if (at_boundary()) {
    double tau = to_boundary(s_, p_, radius_);
    if (hp_ > 0) tau = std::min(tau, -slope_ / hp_);  // a curvature that may be rounding
    combine(1, step, tau, p_, step);
    model += tau * slope_ + 0.5 * tau * tau * hp_;
  }
  if (!box_.is_inside(step)) {
    box_.set_out(step);
    is_bending_ = true;
    need_ = Need::product;
    return;
  }
  conclude(std::move(step), model);
}

// Told H times a change from one face to the next.
template <Real T>
void NewtonCg<T>::turn(const Vector& h_change) {
  if (!h_change.allFinite()) return run_.end(Status::non_finite);
  if (!box_.tell(h_change)) return;
  is_bending_ = false;
  s_ = box_.base();
  r_ = box_.slopes();
  p_.setZero();
  rz_ = 0;
  model_ = box_.model();
  const bool ends = at_boundary() || inner_stop_ == InnerStop::limit;
  if (ends || norm(r_) <= target_ || box_.faces() >= most_faces) return conclude(s_, model_);
  precondition();
}

template <Real T>
void NewtonCg<T>::conclude(Vector step, double model) {
  if (!at_boundary()) {
    settled_ = run_.settled(-model);
    if (settled_.status != Status::running) {
      // So far: what the rest of the way promises is to be seen as well.
      if (inner_stop_ != InnerStop::tolerance || is_thorough_) return begin(true);
      is_thorough_ = true;
      target_ *= thorough;
      return precondition();
    }
  }
  if (radius_ == 0) radius_ = norm(step);
  take(std::move(step), model);
}

template <Real T>
void NewtonCg<T>::take(Vector step, double model) {
  const double slope = dot(Base::scaled_gradient(), step);
  if (!std::isfinite(slope + model)) return run_.end(Status::non_finite);
  Base::set_step(std::move(step), slope, 2 * (model - slope), at_boundary());
}

template <Real T>
void NewtonCg<T>::conclude_probe(double curvature, bool negative) {
  probing_ = false;
  if (!negative)
    return settled_.status != Status::running ? run_.end(settled_) : run_.end_stationary();
  inner_stop_ = InnerStop::negative_curvature;
  const Vector v = p_ / norm(p_);
  if (Base::escape(v, curvature)) return;
  const std::vector<Index> blocked = Base::in_the_way(v);
  left_out_.insert(left_out_.end(), blocked.begin(), blocked.end());
  begin(true);
}

template <Real T>
void NewtonCg<T>::keep_pair(const Vector& hp) {
  const Vector zero = Vector::Zero(p_.size());
  fresh_pairs_.push<double>(zero, p_, zero, hp, 1.0);
}

template class NewtonCg<float>;
template class NewtonCg<double>;

}  // namespace hessopt
