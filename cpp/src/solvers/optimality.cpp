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

double least(const Gauge& gauge) {
  return gauge.told_rounding > 0 ? least_score_of_rounded : least_score;
}

}  // namespace

template <Real T>
double rounding_error(double f) {
  // Numbers below the least normal one are no finer than it.
  const double size = std::max(std::abs(f), std::numeric_limits<double>::min());
  return 10 * static_cast<double>(std::numeric_limits<T>::epsilon()) * size;
}

template <Real T>
double rounding(const Point<T>& at) {
  return std::max({rounding_error<T>(at.f), at.gauge.rounding, at.gauge.told_rounding});
}

// Either measure may hide the other's part of a gradient; a run has one of them.
template <Real T>
Gauge gauge(const Optimality<T>& optimality, const FeasibleSet<T>& set, const Variables& variables,
            const VectorOf<T>& z, ConstVectorRefOf<T> g, const Beside<T>& beside) {
  Gauge out{.told_rounding = beside.rounding, .blur = beside.blur};
  const auto& left = optimality.left;
  if (beside.outer.size() == 0) {
    if (left)
      out.size = max_norm(left(z, g));
    else
      out.size = set.is_whole() ? max_norm(g) : max_norm(set.left(z, g));
    out.norm = out.size;
    return out;
  }
  if (variables.are_on_plane()) {
    const Vector along = variables.gradient_to_x(g.template cast<double>());
    out.size = max_norm(g);
    out.norm = max_norm(VectorOf<T>(along.template cast<T>()));
    return out;
  }
  // A change of variables reads a factor, which is not little where there are few rows.
  const bool wants_rounding = beside.residual.size() > 0 && !(beside.rounding > 0);
  Vector x;
  if (left || wants_rounding) x = variables.to_x(z.template cast<double>());
  VectorOf<T> r = beside.outer, in_z = g;
  if (left) {
    r = left(x.template cast<T>(), beside.outer);
    in_z = variables.gradient_to_z(r.template cast<double>()).template cast<T>();
  } else if (!set.is_whole()) {  // a bound is met by x_j and z_j at once
    r = set.left(z, beside.outer);
    in_z = set.left(z, g);
  }
  out.size = max_norm(in_z);
  out.norm = max_norm(r);
  if (beside.residual.size() > 0)
    out.score = variables.score(in_z.template cast<double>(), beside.residual);
  if (wants_rounding) out.rounding = variables.rounding(x, beside.residual);
  return out;
}

template <Real T>
const VectorOf<T>& left_at(const Optimality<T>& optimality, const FeasibleSet<T>& set,
                           const Variables& variables, const Point<T>& at, VectorOf<T>& room) {
  if (!set.is_whole()) return room = set.left(at.x, at.g);
  if (!optimality.left) return at.g;
  if (at.outer.size() == 0) return room = optimality.left(at.x, at.g);
  const VectorOf<T> x = variables.to_x(at.x.template cast<double>()).template cast<T>();
  const Vector r = optimality.left(x, at.outer).template cast<double>();
  return room = variables.gradient_to_z(r).template cast<T>();
}

template <Real T>
double first_order_size(const VectorOf<T>& left, const VectorOf<T>& x, double unit,
                        const VectorOf<T>& start) {
  return sum_over_blocks(left.size(), [&](Index begin, Index size) {
    return kernels::vectors<T>().first_order_size(
        size, left.data() + begin, unit, x.data() + begin,
        start.size() == 0 ? nullptr : start.data() + begin);
  });
}

Stop by_size(const Gauge& gauge, double bound) {
  if (gauge.norm <= bound) return {Status::gradient, gauge.norm, bound};
  if (gauge.norm <= gauge.blur) return {Status::rounding_floor, gauge.norm, gauge.blur, Test::blur};
  return {};
}

Stop by_blur(const Gauge& gauge) {
  if (!(gauge.blur > 0 && gauge.norm <= 10 * gauge.blur)) return {};
  return {Status::rounding_floor, gauge.norm, 10 * gauge.blur, Test::blur};
}

template <Real T>
Stop by_decrease(const Point<T>& at, const VectorOf<T>& left, double decrease, double unit,
                 const VectorOf<T>& start) {
  if (!(decrease >= 0) || at.gauge.score > least(at.gauge)) return {};
  double floor = 0.1 * std::max(rounding_error<T>(at.f), at.gauge.told_rounding) * unit;
  Test test = Test::decrease;
  if (!(decrease <= floor)) {
    // Where f itself is about to vanish, x is measured by where it came from: it may vanish too.
    const bool vanishes = decrease >= 0.5 * unit * std::abs(at.f);
    const VectorOf<T> none;
    floor = resolution<T> * first_order_size(left, at.x, unit, vanishes ? start : none);
    test = Test::resolution;
  }
  if (!(decrease <= floor)) return {};
  return {Status::gradient, decrease / unit, floor / unit, test};
}

Stop by_score(const Gauge& gauge) {
  if (!(gauge.score <= least_score)) return {};
  return {Status::gradient, gauge.score, least_score, Test::score};
}

Stop at_rounding(const Gauge& gauge, double change, double floor) {
  if (gauge.score > 10 * least(gauge))
    return {Status::line_search, gauge.score, floor, Test::score};
  return {Status::rounding_floor, change, floor};
}

template <Real T>
Stop repeated(const Stop& stop, const Point<T>& at, double again, double fall) {
  const double change = std::abs(again - at.f);
  if (again == at.f || change <= 10 * rounding(at)) return stop;
  if (!(change <= 1e-11 * fall)) return {Status::not_repeatable, at.f, again};
  if (stop.status == Status::line_search && stop.test == Test::size &&
      std::abs(stop.measured) <= 100 * change)
    return {Status::rounding_floor, std::abs(stop.measured), change};
  return stop;
}

template double rounding_error<float>(double);
template double rounding_error<double>(double);
#define HESSOPT_OPTIMALITY_OF(T)                                                        \
  template double rounding(const Point<T>&);                                            \
  template Gauge gauge(const Optimality<T>&, const FeasibleSet<T>&, const Variables&,   \
                       const VectorOf<T>&, ConstVectorRefOf<T>, const Beside<T>&);      \
  template const VectorOf<T>& left_at(const Optimality<T>&, const FeasibleSet<T>&,      \
                                      const Variables&, const Point<T>&, VectorOf<T>&); \
  template double first_order_size(const VectorOf<T>&, const VectorOf<T>&, double,      \
                                   const VectorOf<T>&);                                 \
  template Stop by_decrease(const Point<T>&, const VectorOf<T>&, double, double,        \
                            const VectorOf<T>&);                                        \
  template Stop repeated(const Stop&, const Point<T>&, double, double);
HESSOPT_OPTIMALITY_OF(float)
HESSOPT_OPTIMALITY_OF(double)
#undef HESSOPT_OPTIMALITY_OF

}  // namespace hessopt
