// Whether a point is a minimum.
//
// There the gradient vanishes; on a feasible set, or beside a term with kinks, what these leave of
// it. A run is given what that is, and holds its size against the tolerances asked for.
//
// Else it is told without units: neither those of f, nor of x, nor of any coordinate matter, nor
// does the start. Where a model of the curvature B is at hand, the decrease that its minimum
// promises,
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

#include <functional>
#include <string>
#include <utility>

#include "hessopt/solvers/feasible_set.hpp"
#include "hessopt/solvers/point.hpp"
#include "hessopt/solvers/stopping.hpp"
#include "hessopt/solvers/variables.hpp"

namespace hessopt {

// Standard deviations of a score below which it says nothing: an estimate is then known to more
// digits of its standard error than are ever printed.
inline constexpr double least_score = 1e-7;
// The same where f tells of more rounding than its precision: its gradient has no more digits, and
// these are more than are printed.
inline constexpr double least_score_of_rounded = 1e-3;

template <Real T>
struct Optimality {
  // What vanishes at a minimum, of x and the gradient g there, in the caller's variables and with
  // as many numbers; none: g itself.
  std::function<VectorOf<T>(ConstVectorRefOf<T> x, ConstVectorRefOf<T> g)> left;
  std::string symbol = "g_i";  // of one of its numbers, in messages
  // The term with kinks that stands beside f, at x; none: 0.
  std::function<double(ConstVectorRefOf<T> x)> kinks = {};
};

// What the caller knows of a gradient beside its numbers, where the solver works in other variables
// or the gradient consists of differences.
template <Real T>
struct Beside {
  VectorOf<T> outer = {};  // the gradient in the caller's variables; empty: as told
  Vector residual = {};    // of a model of rows, the size of each output's; empty: not known
  double blur = 0;         // as in Gauge
  double rounding = 0;     // of f, as its told_rounding
};

// How far z, told the gradient g, is from a minimum; `set`: of z.
template <Real T>
Gauge gauge(const Optimality<T>& optimality, const FeasibleSet<T>& set, const Variables& variables,
            const VectorOf<T>& z, ConstVectorRefOf<T> g, const Beside<T>& beside);
// What is left of the gradient at a point, in the solver's variables; `room`: where it is written
// if it is not g itself.
template <Real T>
const VectorOf<T>& left_at(const Optimality<T>& optimality, const FeasibleSet<T>& set,
                           const Variables& variables, const Point<T>& at, VectorOf<T>& room);

// What f can change by through rounding alone.
template <Real T>
double rounding_error(double f);
// What f at a point may be off by.
template <Real T>
double rounding(const Point<T>& at);

// unit sum_j |left_j| max(|x_j|, |start_j|); an empty start is 0. To first order what f changes by
// when each x_j does by all of itself, whatever the units of each.
template <Real T>
double first_order_size(const VectorOf<T>& left, const VectorOf<T>& x, double unit,
                        const VectorOf<T>& start);

// How a run would end at a point; RUNNING if it would not.

// By the size of what is left of the gradient: at most `bound`, or the error of its differences.
Stop by_size(const Gauge& gauge, double bound);
// Where it is little more than the error of its differences.
Stop by_blur(const Gauge& gauge);
// Were `decrease`, of unit f, all that a model of the curvature promises. `start`: where the run
// began, empty for 0.
template <Real T>
Stop by_decrease(const Point<T>& at, const VectorOf<T>& left, double decrease, double unit,
                 const VectorOf<T>& start);
// The same for a solver without such a model, by the scores alone.
Stop by_score(const Gauge& gauge);
// Where a step would change f by less than its rounding error `floor`; no success, where scores
// that are known deny it.
Stop at_rounding(const Gauge& gauge, double change, double floor);
// f was evaluated once more at a point where the run ended by `stop`, having come down by `fall`:
// an objective that changes by more than rounding from call to call cannot be given to a line
// search. Sums whose order is left to threads change by no more than their terms round: where f
// has fallen by 1e11 times that, the run has come as far as they allow.
template <Real T>
Stop repeated(const Stop& stop, const Point<T>& at, double again, double fall);

}  // namespace hessopt
