#include "hessopt/solvers/optimality.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {
namespace {

// Of x, relatively: a step as short is one between neighbouring numbers.
template <Real T>
constexpr double resolution = sizeof(T) == 4 ? 0x1p-21 : 0x1p-47;

}  // namespace

template <Real T>
double rounding_error(double f) {
  // Numbers below the least normal one are no finer than it.
  const double size = std::max(std::abs(f), std::numeric_limits<double>::min());
  return 10 * static_cast<double>(std::numeric_limits<T>::epsilon()) * size;
}

template <Real T>
double rounding(const Point<T>& at) {
  return std::max(rounding_error<T>(at.f), at.gauge.rounding);
}

template <Real T>
double first_order_size(const Point<T>& at, double unit, const VectorOf<T>& start) {
  return sum_over_blocks(at.g.size(), [&](Index begin, Index size) {
    return kernels::vectors<T>().first_order_size(
        size, at.g.data() + begin, unit, at.x.data() + begin,
        start.size() == 0 ? nullptr : start.data() + begin);
  });
}

template <Real T>
double relative_gradient(const Point<T>& at, double unit) {
  if (at.f == 0) return 0;
  return first_order_size<T>(at, unit, {}) / (unit * std::abs(at.f));
}

bool is_blurred(const Gauge& gauge) { return gauge.blur > 0 && gauge.norm <= 10 * gauge.blur; }

bool scores_vanish(const Gauge& gauge) {
  return std::isnan(gauge.score) || gauge.score <= least_score;
}

template <Real T>
Stop settled(const Point<T>& at, double decrease, double unit, const VectorOf<T>& start) {
  if (!(decrease >= 0) || !scores_vanish(at.gauge)) return {};
  double floor = 0.1 * rounding_error<T>(at.f) * unit;
  Test test = Test::decrease;
  if (!(decrease <= floor)) {
    // Where f itself is about to vanish, x is measured by where it came from: it may vanish too.
    const bool vanishes = decrease >= 0.5 * unit * std::abs(at.f);
    const VectorOf<T> none;
    floor = resolution<T> * first_order_size(at, unit, vanishes ? start : none);
    test = Test::resolution;
  }
  if (!(decrease <= floor)) return {};
  return {Status::gradient, decrease / unit, floor / unit, test};
}

Stop settled_by_score(const Gauge& gauge) {
  if (std::isnan(gauge.score) || !scores_vanish(gauge)) return {};
  return {Status::gradient, gauge.score, least_score, Test::score};
}

template double rounding_error<float>(double);
template double rounding_error<double>(double);
#define HESSOPT_OPTIMALITY_OF(T)                                                 \
  template double rounding(const Point<T>&);                                     \
  template double first_order_size(const Point<T>&, double, const VectorOf<T>&); \
  template double relative_gradient(const Point<T>&, double);                    \
  template Stop settled(const Point<T>&, double, double, const VectorOf<T>&);
HESSOPT_OPTIMALITY_OF(float)
HESSOPT_OPTIMALITY_OF(double)
#undef HESSOPT_OPTIMALITY_OF

}  // namespace hessopt
