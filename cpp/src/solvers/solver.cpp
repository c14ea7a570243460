#include "hessopt/solvers/solver.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
const VectorOf<T>& SolverState<T>::ask() const {
  if (run_.done() && run_.started() && !is_pause(run_.stop().status)) return run_.best().x;
  return need_ == Need::value ? run_.trial() : run_.current().x;
}

template <Real T>
void SolverState<T>::expect(Need need, const char* call) const {
  static constexpr const char* names[] = {"nothing", "tell(f, g)", "tell_hessian(H)",
                                          "tell_product(Hv)", "tell_product of the preconditioner"};
  require(!run_.done(), call, "an evaluation", "nothing more: the run has ended");
  require(need_ == need, call, "a call out of turn", names[static_cast<int>(need_)]);
}

template <Real T>
double SolverState<T>::first_length(double slope) const {
  const Point<T>& at = run_.current();
  const double x = norm(at.x), f = std::abs(at.f) * run_.unit() / slope;
  if (!(f > 0) || !std::isfinite(f)) return x > 0 ? x : 1;
  // A step that f cannot show is none, however small x is.
  const double least = 100 * rounding_error<T>(at.f) * run_.unit() / slope;
  return x > 0 ? std::max(std::min(x, f), std::min(least, f)) : f;
}

template <Real T>
bool SolverState<T>::valid_base(Need more, Need most) const {
  return run_.valid() &&
         (need_ == Need::value || (run_.started() && (need_ == more || need_ == most)));
}

template <Real T>
VectorOf<T> to_caller(const Run<T>& run, const VectorOf<T>& z) {
  const Variables& v = run.variables();
  if (v.is_identity()) return z;
  return v.to_x(z.template cast<double>()).template cast<T>();
}

template class SolverState<float>;
template class SolverState<double>;
template VectorOf<float> to_caller(const Run<float>&, const VectorOf<float>&);
template VectorOf<double> to_caller(const Run<double>&, const VectorOf<double>&);

}  // namespace hessopt
