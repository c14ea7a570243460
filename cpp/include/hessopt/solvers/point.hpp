// A point as a run knows it.
#pragma once

#include <limits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// How far a point is from a minimum: what there is left of its gradient, as a run's `Optimality`
// has it.
struct Gauge {
  double size = std::numeric_limits<double>::quiet_NaN();   // the largest of it
  double norm = std::numeric_limits<double>::quiet_NaN();   // the same in the caller's variables
  double score = std::numeric_limits<double>::quiet_NaN();  // the largest; NaN: no model of rows
  double rounding = 0;       // error of f, where more is known of it,
  double told_rounding = 0;  // and as the objective tells it, where that is more than its precision
  double blur = 0;           // largest error of the g_i, where they are differences of f

  template <class A>
  void fields(A& archive) {
    archive(size, norm, score, rounding, told_rounding, blur);
  }
};

template <Real T>
struct Point {
  VectorOf<T> x;
  double f = std::numeric_limits<double>::quiet_NaN();
  VectorOf<T> g;
  Gauge gauge;
  VectorOf<T> outer;  // the gradient in the caller's variables; empty: g

  template <class A>
  void fields(A& archive) {
    archive(x, f, g, gauge, outer);
  }
  // `outside`: the numbers of the caller's x.
  bool is_of(Index size, Index outside) const {
    return x.size() == size && g.size() == size && (outer.size() == 0 || outer.size() == outside);
  }
};

}  // namespace hessopt
