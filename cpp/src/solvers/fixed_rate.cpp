#include "hessopt/solvers/fixed_rate.hpp"

#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
void FixedRate<T>::tell(double f, ConstVectorRefOf<T> g) {
  if (arrive(f, g)) descend();
}

template <Real T>
void FixedRate<T>::resume(const Limits& limits) {
  if (!run_.resume(limits)) return;
  run_.check_convergence();
  if (!run_.done()) descend();
}

template <Real T>
FixedRate<T>::FixedRate(Run<T> run, double rate) : Base(std::move(run)), rate_(rate) {
  require(std::isfinite(rate) && rate > 0, "learning_rate", std::to_string(rate),
          "a finite number > 0");
}

// Accepts the trial and returns true, or moves it.
template <Real T>
bool FixedRate<T>::arrive(double f, ConstVectorRefOf<T> g) {
  this->expect(Need::value, "tell");
  const bool finite = run_.record(f, g);
  if (run_.done()) return false;
  if (finite) {
    double step = 0, stiffness = 0;  // of the last step: its length, curvature along it
    if (run_.started()) {
      VectorOf<T> s;
      combine(1, run_.trial(), -1, run_.current().x, s);
      step = norm(s);
      stiffness =
          run_.unit() / step * sum_over_blocks(s.size(), [&](Index begin, Index size) {
            return kernels::vectors<T>().secant(size, s.data() + begin, static_cast<T>(step),
                                                run_.current().g.data() + begin, g.data() + begin);
          });
    }
    run_.advance(f, g, step);
    run_.check_convergence();
    const double size = run_.unit() * norm(run_.current().g);
    run_.end(run_.settled_by_score());
    if (stiffness > 0) run_.end(run_.settled(0.5 * size * (size / stiffness)));
    return !run_.done();
  }
  const VectorOf<T> middle = T(0.5) * (run_.current().x + run_.trial());
  if (!middle.allFinite() || middle == run_.trial() || middle == run_.current().x)
    run_.end(Status::non_finite);
  else
    run_.trial() = middle;
  run_.check_limits();
  return false;
}

template class FixedRate<float>;
template class FixedRate<double>;

}  // namespace hessopt
