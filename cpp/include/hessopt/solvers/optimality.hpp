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

#include <algorithm>
#include <cmath>
#include <limits>

#include "hessopt/core/types.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

// What the caller knows of a gradient that the solver, in variables of its own, does not.
struct Gauge {
  double norm = std::numeric_limits<double>::quiet_NaN();   // max |g_i| in the caller's variables
  double score = std::numeric_limits<double>::quiet_NaN();  // the largest; NaN: no model of rows
  double rounding = 0;                                      // error of f, where more is known of it
  double blur = 0;  // largest error of the g_i, where they are differences of f

  template <class A>
  void fields(A& archive) {
    archive(norm, score, rounding, blur);
  }
};

// Standard deviations of a score below which it says nothing: an estimate is then known to more
// digits of its standard error than are ever printed.
inline constexpr double least_score = 1e-7;

// unit sum_j |g_j| max(|x_j|, |start_j|); an empty start is 0. To first order what f changes by
// when each x_j does by all of itself, whatever the units of each.
template <Real T>
double first_order_size(const VectorOf<T>& g, double unit, const VectorOf<T>& x,
                        const VectorOf<T>& start) {
  struct Slope {
    const VectorOf<T>& g;
    double unit;
    double operator[](Index i) const { return unit * std::abs(static_cast<double>(g[i])); }
  };
  struct Size {
    const VectorOf<T>&x, &start;
    T operator[](Index i) const {
      return start.size() == 0 ? std::abs(x[i]) : std::max(std::abs(x[i]), std::abs(start[i]));
    }
  };
  return dot(Slope{g, unit}, Size{x, start}, g.size());
}

// Of x, relatively: a step as short is one between neighbouring numbers.
template <Real T>
inline constexpr double resolution = sizeof(T) == 4 ? 0x1p-21 : 0x1p-47;

}  // namespace hessopt
