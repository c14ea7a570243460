// Whether a point is a minimum, told without units: neither those of f, nor of x, nor of any
// coordinate matter, nor does the start.
//
// Where a model of the curvature B is at hand, the decrease that its minimum promises,
//   g'B^-1 g / 2,
// is held against the rounding error of f; and, for minima of value 0, against what f would change
// by if x were rounded. On a model of rows the gradient of each column is held against the
// residual: its score
//   sqrt(n) |g_j| / (s_j r),   s_j, r the root mean squares of the column and the derivatives l'_i,
// is how far it lies from 0 in its standard deviations over samples of n rows.
//
// C. C. Paige, M. A. Saunders, "LSQR: an algorithm for sparse linear equations and sparse least
// squares", ACM TOMS 8 (1982), for the cosine of a column and the residual.
#pragma once

#include "hessopt/solvers/point.hpp"
#include "hessopt/solvers/stopping.hpp"

namespace hessopt {

// Standard deviations of a score below which it says nothing: an estimate is then known to more
// digits of its standard error than are ever printed.
inline constexpr double least_score = 1e-7;

// What f can change by through rounding alone.
template <Real T>
double rounding_error(double f);
// What f at a point may be off by.
template <Real T>
double rounding(const Point<T>& at);

// unit sum_j |g_j| max(|x_j|, |start_j|); an empty start is 0. To first order what f changes by
// when each x_j does by all of itself, whatever the units of each.
template <Real T>
double first_order_size(const Point<T>& at, double unit, const VectorOf<T>& start);
// What f would change by to first order if every x_i were 0, relative to f; 0 where that is 0.
template <Real T>
double relative_gradient(const Point<T>& at, double unit);

// Whether a gradient is little more than the error of its differences.
bool is_blurred(const Gauge& gauge);
// Whether no score says anything; true as well where there are none.
bool scores_vanish(const Gauge& gauge);

// How a run would end here, were `decrease`, of unit f, all that a model of the curvature promises;
// RUNNING if it would not. `start`: where the run began, empty for 0.
template <Real T>
Stop settled(const Point<T>& at, double decrease, double unit, const VectorOf<T>& start);
// The same for a solver without such a model, by the scores alone.
Stop settled_by_score(const Gauge& gauge);

}  // namespace hessopt
