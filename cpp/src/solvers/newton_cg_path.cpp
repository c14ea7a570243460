// The path of conjugate gradients, kept for the steps of smaller radii.
#include <algorithm>

#include "hessopt/linalg/trust_region.hpp"
#include "hessopt/linalg/vector_ops.hpp"
#include "hessopt/solvers/newton_cg.hpp"

namespace hessopt {

// s, with p, its curvature and slope, as the corner that the path leaves from here.
template <Real T>
void NewtonCg<T>::keep_point() {
  const Index k = path_norms_.size();
  if (k >= most_kept || box_.faces() > 0) return;
  path_.conservativeResize(Eigen::NoChange, k + 1);
  path_.col(k) = p_;
  path_norms_.conservativeResize(k + 1);
  path_models_.conservativeResize(k + 1, 3);
  path_norms_[k] = rz_ / hp_;
  path_models_.row(k) << model_, slope_, hp_;
}

// The step of a smaller radius lies on the path of the larger one.
template <Real T>
void NewtonCg<T>::retrace() {
  if (box_.faces() > 0) return begin(false);
  Vector s = Vector::Zero(s_.size()), next;
  for (Index k = 0; k < path_norms_.size(); ++k) {
    const Vector p = path_.col(k);
    combine(1, s, path_norms_[k], p, next);
    if (norm(next) >= radius_) return cut(s, p, path_models_.row(k));
    s.swap(next);
  }
  // Beyond the points that were kept; or, if all were, on the last leg.
  if (path_norms_.size() < most_kept && at_boundary())
    return cut(s, p_, Eigen::RowVector3d(model_, slope_, hp_));
  begin(false);
}

template <Real T>
void NewtonCg<T>::cut(const Vector& s, const Vector& p, const Eigen::RowVector3d& at) {
  const double tau = to_boundary(s, p, radius_);
  inner_stop_ = InnerStop::boundary;
  Vector step;
  combine(1, s, tau, p, step);
  if (!box_.is_inside(step)) return begin(false);
  take(std::move(step), at[0] + tau * at[1] + 0.5 * tau * tau * at[2]);
}

#define HESSOPT_PATH_OF(T)                 \
  template void NewtonCg<T>::keep_point(); \
  template void NewtonCg<T>::retrace();
HESSOPT_PATH_OF(float)
HESSOPT_PATH_OF(double)
#undef HESSOPT_PATH_OF

}  // namespace hessopt
