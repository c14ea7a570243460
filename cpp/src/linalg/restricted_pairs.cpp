// The pairs of L-BFGS on some of the coordinates.
#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
template <Real P>
double LbfgsHistory<T>::direction_on(const Coordinates& free, ConstVectorRefOf<P> g, double unit,
                                     VectorOf<P>& d) const {
  const LbfgsHistory pairs = restricted(free);
  Vector q = gathered<P>(unit, g, free);
  const Array a = pairs.down(q);
  scale(pairs.count() > 0 ? pairs.gamma() : gamma(), q);
  pairs.up(a, q);
  d.resize(g.size());
  scatter<P>(-1, q, free, d);
  return dot(d, g) * unit;
}

template <Real T>
LbfgsHistory<T> LbfgsHistory<T>::restricted(const Coordinates& free) const {
  LbfgsHistory out(hessopt::count(free), count_);
  for (Index i = 0; i < count_; ++i) {
    const Index k = out.count_;
    for_blocks(out.s_.rows(), [&](Index begin, Index size) {
      const T *s_from = s(i).data, *y_from = y(i).data;
      for (Index j = begin; j < begin + size; ++j) {
        const Index from = free[static_cast<std::size_t>(j)];
        out.s_(j, k) = s_from[from];
        out.y_(j, k) = y_from[from];
      }
    });
    const double ss = dot(out.s(k), out.s(k)), yy = dot(out.y(k), out.y(k));
    const double sy = dot(out.s(k), out.y(k));
    if (!has_curvature(ss, sy, yy)) continue;
    out.sy_(k, k) = sy;
    out.yy_(k, k) = yy;
    out.newest_ = k;
    ++out.count_;
  }
  return out;
}

template LbfgsHistory<float> LbfgsHistory<float>::restricted(const Coordinates&) const;
template LbfgsHistory<double> LbfgsHistory<double>::restricted(const Coordinates&) const;
#define HESSOPT_DIRECTION_ON(T, P)                                                          \
  template double LbfgsHistory<T>::direction_on<P>(const Coordinates&, ConstVectorRefOf<P>, \
                                                   double, VectorOf<P>&) const;
HESSOPT_DIRECTION_ON(float, float)
HESSOPT_DIRECTION_ON(double, double)
HESSOPT_DIRECTION_ON(float, double)
#undef HESSOPT_DIRECTION_ON

}  // namespace hessopt
