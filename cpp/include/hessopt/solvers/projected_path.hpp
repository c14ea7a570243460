// The path x(a) = P(x + a d), the projection of a ray onto a box.
//
// It bends at its kinks, where a coordinate meets its bound, and is *set* to it: x_j + a d_j may
// round to either side. Between them f changes by sum_j g_j d_j over the coordinates that still
// move; at a kink there is one slope before it and one after.
//
// M. W. Ferry, P. E. Gill, E. Wong, M. Zhang, "Projected-search methods for bound-constrained
// optimization", 2020.
#pragma once

#include <limits>

#include "hessopt/solvers/feasible_set.hpp"

namespace hessopt {

// Where a path begins to bend, and where it ends: nowhere, unless all that moves meets a bound.
struct Kinks {
  double first = std::numeric_limits<double>::infinity();
  double last = std::numeric_limits<double>::infinity();

  template <class A>
  void fields(A& archive) {
    archive(first, last);
  }
};

struct Slopes {
  double before = 0, after = 0;
};

// `box`: of this path, within which x lies; d does not lead out of it at once. Where the box is
// whole, or no kink is met, all is as along x + a d, bit for bit.
template <Real T>
struct ProjectedPath {
  const FeasibleSet<T>& box;
  const VectorOf<T>&x, &d;

  Kinks kinks() const;
  // out = x(a)
  void point(double a, VectorOf<T>& out) const;
  // At x(a), where the gradient is g.
  Slopes slopes(const Kinks& kinks, double a, ConstVectorRefOf<T> g) const;
};

}  // namespace hessopt
