#include "hessopt/solvers/trust_region.hpp"

#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
TrustRegion<T>::TrustRegion(Run<T> run, double radius) : Base(std::move(run)), radius_(radius) {
  require(radius >= 0 && std::isfinite(radius), "initial_step", std::to_string(radius),
          "a finite number > 0");
}

template <Real T>
void TrustRegion<T>::tell(double f, ConstVectorRefOf<T> g) {
  const auto verdict = Base::judge(f, g);
  radius_ = Base::next_radius(radius_, verdict, at_boundary_);
  if (verdict == Base::Verdict::moved) Base::proceed(true);
  if (verdict == Base::Verdict::rejected) choose_step();
  run_.check_limits();
}

template <Real T>
bool TrustRegion<T>::valid() const {
  const bool wanted = Base::is_under_way();
  return Base::valid_dense() && Base::valid_step(wanted) && (!wanted || Base::has_model()) &&
         radius_ >= 0 && std::isfinite(radius_);
}

template <Real T>
void TrustRegion<T>::choose_step() {
  ShiftedCholesky& h = Base::model();
  const Vector g = Base::gradient_of_face();
  if (radius_ == 0) {
    Vector d = -g;
    const bool definite = !h.factor(0).failed();
    if (definite) h.solve(d);
    radius_ = definite ? norm(d) : Base::first_length(norm(g));
  }
  RegionStep step = region_step(h, g, radius_);
  at_boundary_ = step.at_boundary;
  Base::set_definite(step.lambda == 0);
  Base::take(std::move(step.d), true, !step.at_boundary, step.lambda, radius_);
}

template class TrustRegion<float>;
template class TrustRegion<double>;

}  // namespace hessopt
