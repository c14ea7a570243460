#include "hessopt/solvers/dense_solver.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
void DenseSolver<T>::tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
  this->expect(Need::hessian, "tell_hessian");
  ++hessians_;
  if (!set_model(h) || !set_face(free())) return;
  if (run_.is_stationary()) return verify();
  choose_step();
}

template <Real T>
void DenseSolver<T>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  proceed(fresh_);
  run_.check_limits();
}

template <Real T>
void DenseSolver<T>::refine(ConstVectorRefOf<T> g, double blur) {
  Base::refine_run(g, blur);
  proceed(true);
  run_.check_limits();
}

template <Real T>
void DenseSolver<T>::proceed(bool fresh_hessian) {
  fresh_ = fresh_hessian;
  const Coordinates now = free();
  // What a bound has let go on the way was not looked at.
  definite_ = definite_ && std::includes(sure_.begin(), sure_.end(), now.begin(), now.end());
  if (run_.is_stationary() && definite_) run_.end_stationary();
  if (!run_.is_stationary()) run_.check_progress();
  // With the factor of another point, which only the scores here can vouch for.
  if (!run_.done() && definite_ && model().shift() == 0 && now == rows_ && this->foresaw() &&
      !std::isnan(run_.current().gauge.score))
    run_.end(run_.settled(promise()));
  if (run_.done()) return;
  ++age_;
  if (fresh_hessian || run_.is_stationary())
    need_ = Need::hessian;
  else if (set_face(now))
    choose_step();
}

template <Real T>
bool DenseSolver<T>::set_model(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
  require_size("H", h.rows(), run_.current().x.size());
  require_size("H", h.cols(), run_.current().x.size());
  age_ = 0;
  this->forget_promise();
  if (!h_.set(h, run_.unit())) run_.end(Status::non_finite);
  return !run_.done();
}

template <Real T>
void DenseSolver<T>::drop_model() {
  h_.clear();
  age_ = 0;
}

template <Real T>
void DenseSolver<T>::take(Vector d, bool by_hessian, bool whole, double shift, double most) {
  const bool is_bent = is_bounded() && fit_to_box(d, shift, most, whole);
  const double slope = dot(this->scaled_gradient(), d);
  const double curvature = by_hessian ? dot(d, h_.multiply(d)) : -slope;
  if (!std::isfinite(slope + curvature)) return run_.end(Status::non_finite);
  const double promised = is_bent ? -slope - 0.5 * curvature : -0.5 * slope;
  const Stop found = definite_ && whole ? run_.settled(promised) : Stop{};
  const Stop before = std::exchange(settled_, found);
  if ((by_hessian && age_ == 0) || before.status != Status::running) run_.end(found);
  if (run_.done()) return;
  Base::set_step(std::move(d), slope, curvature, !definite_);
}

template <Real T>
bool DenseSolver<T>::valid_dense() const {
  const Index n = run_.trial().size(), rows = static_cast<Index>(rows_.size());
  const auto is_face = [n](const Coordinates& face) {
    return std::is_sorted(face.begin(), face.end()) &&
           (face.empty() || (face.front() >= 0 && face.back() < n));
  };
  return this->valid_base(Need::hessian) && h_.valid() && (h_.size() == 0 || h_.size() == n) &&
         is_count(hessians_) && is_count(age_) && is_face(rows_) && is_face(sure_) &&
         face_.valid() && face_.size() == (is_bounded() && has_model() ? rows : 0) &&
         is_count(spent_);
}

// Those that no bound holds at the current point; none where there are no bounds.
template <Real T>
Coordinates DenseSolver<T>::free() const {
  if (!is_bounded()) return {};
  return where(run_.set().free(run_.current().x, run_.current().g));
}

// False, and the run ends, where every variable is held.
template <Real T>
bool DenseSolver<T>::set_face(Coordinates rows) {
  if (!is_bounded()) return true;
  rows_ = std::move(rows);
  spent_ += face_.factorizations();
  face_ = rows_.empty() ? ShiftedCholesky() : h_.corner(rows_);
  if (rows_.empty()) run_.end_stationary();
  return !run_.done();
}

// From a step of the face to one of all variables; whether bounds have bent it.
template <Real T>
bool DenseSolver<T>::fit_to_box(Vector& d, double shift, double most, bool& whole) {
  const Vector low = Base::low(), high = Base::high();
  d = scattered(d, rows_, low.size());
  sure_ = rows_;
  if ((d.array() >= low.array()).all() && (d.array() <= high.array()).all()) return false;
  BoxStep step = box_step(h_, shift, Base::scaled_gradient(), low, high, rows_);
  spent_ += step.factorizations;
  sure_ = std::move(step.face);
  whole = whole && step.is_minimum;
  d = std::move(step.s);
  if (const double length = norm(d); length > most) d *= most / length;
  return true;
}

// What f would fall by to the minimum of a model with the factor at hand.
template <Real T>
double DenseSolver<T>::promise() const {
  const Vector g = gradient_of_face();
  Vector d = g;
  (is_bounded() ? face_ : h_).solve(d);
  return 0.5 * dot(g, d);
}

template <Real T>
void DenseSolver<T>::verify() {
  ShiftedCholesky& h = model();
  if (!h.factor(0, negative).failed()) return run_.end_stationary();
  const RegionStep lowest = region_step(h, Vector::Zero(h.size()), 1.0);
  if (norm(lowest.d) == 0) return run_.end_stationary();
  const Vector v = lowest.d / norm(lowest.d);
  const double curvature = dot(v, h.multiply(v));
  const double sizes = v.cwiseAbs2().dot(h.diagonal().cwiseAbs());
  if (curvature >= -std::max(negative * sizes, Base::curvature_error() * h.scale()))
    return run_.end_stationary();
  definite_ = false;
  const Vector of_all = is_bounded() ? scattered(v, rows_, h_.size()) : v;
  if (Base::escape(of_all, curvature)) return;
  const Coordinates blocked = Base::in_the_way(of_all);
  Coordinates rest;
  std::set_difference(rows_.begin(), rows_.end(), blocked.begin(), blocked.end(),
                      std::back_inserter(rest));
  if (set_face(std::move(rest))) verify();
}

template class DenseSolver<float>;
template class DenseSolver<double>;

}  // namespace hessopt
