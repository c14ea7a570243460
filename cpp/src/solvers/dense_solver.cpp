#include "hessopt/solvers/dense_solver.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
void DenseSolver<T>::tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
  this->expect(Need::hessian, "tell_hessian");
  ++hessians_;
  if (!set_model(h)) return;
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
  if (run_.is_stationary() && definite_) run_.end_stationary();
  if (!run_.is_stationary()) run_.check_progress();
  // With the factor of another point, which only the scores here can vouch for.
  if (!run_.done() && definite_ && h_.shift() == 0 && this->foresaw() &&
      !std::isnan(run_.current().gauge.score))
    run_.end(run_.settled(promise()));
  if (run_.done()) return;
  ++age_;
  if (fresh_hessian || run_.is_stationary())
    need_ = Need::hessian;
  else
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
void DenseSolver<T>::take(Vector d, bool by_hessian, bool whole) {
  const double slope = dot(this->scaled_gradient(), d);
  const double curvature = by_hessian ? dot(d, h_.multiply(d)) : -slope;
  if (!std::isfinite(slope + curvature)) return run_.end(Status::non_finite);
  const Stop found = definite_ && whole ? run_.settled(-0.5 * slope) : Stop{};
  const Stop before = std::exchange(settled_, found);
  if ((by_hessian && age_ == 0) || before.status != Status::running) run_.end(found);
  if (run_.done()) return;
  Base::set_step(std::move(d), slope, curvature, !definite_);
}

template <Real T>
bool DenseSolver<T>::valid_dense() const {
  return this->valid_base(Need::hessian) && h_.valid() &&
         (h_.size() == 0 || h_.size() == run_.trial().size()) && is_count(hessians_) &&
         is_count(age_);
}

// What f would fall by to the minimum of a model with the factor at hand.
template <Real T>
double DenseSolver<T>::promise() const {
  Vector d = this->scaled_gradient();
  h_.solve(d);
  return 0.5 * dot(this->scaled_gradient(), d);
}

template <Real T>
void DenseSolver<T>::verify() {
  if (!h_.factor(0, negative).failed()) return run_.end_stationary();
  const RegionStep lowest = region_step(h_, Vector::Zero(h_.size()), 1.0);
  if (norm(lowest.d) == 0) return run_.end_stationary();
  const Vector v = lowest.d / norm(lowest.d);
  const double curvature = dot(v, h_.multiply(v));
  const double sizes = v.cwiseAbs2().dot(h_.diagonal().cwiseAbs());
  if (curvature >= -std::max(negative * sizes, Base::curvature_error() * h_.scale()))
    return run_.end_stationary();
  definite_ = false;
  Base::escape(v, curvature);
}

template class DenseSolver<float>;
template class DenseSolver<double>;

}  // namespace hessopt
