// Where a run may go: a box lower <= x <= upper, any side of which may be infinite.
//
// A bound holds a variable that lies on it, exactly, where f falls beyond it: the sign of the
// gradient, its multiplier, tells, not how close x is. Where both bounds are equal the variable is
// held whatever the gradient. The others are free. What a set leaves of a gradient is that of the
// free ones; it vanishes at a minimum.
//
// D. P. Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
// SIAM J. Control Optim. 20 (1982).
#pragma once

#include <limits>

#include "hessopt/core/types.hpp"
#include "hessopt/solvers/variables.hpp"

namespace hessopt {

using Free = Eigen::Array<bool, Eigen::Dynamic, 1>;

template <Real T>
class FeasibleSet {
 public:
  FeasibleSet() = default;  // all x
  // All x too, where no bound is finite. Bounds that T does not have are rounded inwards.
  FeasibleSet(const Vector& lower, const Vector& upper);

  bool is_whole() const { return lower_.size() == 0; }
  // Whether it fixes every variable.
  bool is_point() const { return !is_whole() && (lower_.array() == upper_.array()).all(); }
  // Empty where it is whole, and what follows is of use elsewhere alone.
  const VectorOf<T>& lower() const { return lower_; }
  const VectorOf<T>& upper() const { return upper_; }
  // Half the way from corner to corner of the sides of the free; infinite where one is.
  double half_diagonal(const Free& free) const;

  void project(VectorOf<T>& x) const;
  // Which bound holds x_j = x, where the gradient is g: -1 the lower, 1 the upper, 0 none.
  int holds(Index j, T x, T g) const {
    if (lower_[j] == upper_[j]) return g < 0 ? 1 : -1;
    if (x <= lower_[j] && g > 0) return -1;
    return x >= upper_[j] && g < 0 ? 1 : 0;
  }
  Free free(const VectorOf<T>& x, ConstVectorRefOf<T> g) const;
  // g without what is held.
  VectorOf<T> left(const VectorOf<T>& x, ConstVectorRefOf<T> g) const;
  // d without what leads out of the box at once; whether there was any.
  bool keep_inside(const VectorOf<T>& x, VectorOf<T>& d) const;
  // The a at which x_j + a d_j = x + a d meets a bound; infinite if it never does.
  double kink(Index j, T x, T d) const {
    if (d == 0) return std::numeric_limits<double>::infinity();
    const T bound = d > 0 ? upper_[j] : lower_[j];
    return (static_cast<double>(bound) - static_cast<double>(x)) / static_cast<double>(d);
  }

  // In z, where x = T z: see Variables::bound_to_z.
  void change_variables(const Variables& variables);

  template <class A>
  void fields(A& archive) {
    archive(lower_, upper_);
  }
  bool valid(Index n) const;

 private:
  VectorOf<T> lower_, upper_;
};

}  // namespace hessopt
