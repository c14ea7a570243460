#include "hessopt/solvers/path_search.hpp"

#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
void PathSearch<T>::start(const FeasibleSet<T>& box, const Point<T>& at, double unit, double slope,
                          double hidden) {
  kinks_ = path(box, at).kinks();
  line_.start(slope, 1.0, unit * hidden, kinks_.last);
}

template <Real T>
void PathSearch<T>::tell(const FeasibleSet<T>& box, const Point<T>& at, double unit,
                         const VectorOf<T>& trial, bool finite, double f, ConstVectorRefOf<T> g) {
  const double value = unit * (f - at.f), a = line_.step();
  if (!finite) return line_.tell(false, value, 0);
  const Slopes slopes = path(box, at).slopes(kinks_, a, g);
  // Of what the first slope promises, what is left where coordinates have stopped.
  double share = 1;
  if (a >= kinks_.first) share = unit * dot(at.g, VectorOf<T>(trial - at.x)) / (a * line_.slope());
  line_.tell(true, value, unit * slopes.after, unit * slopes.before, share);
}

template class PathSearch<float>;
template class PathSearch<double>;

}  // namespace hessopt
