// A line search along a projected path, as a state: what a quasi-Newton step is made by.
//
// All arguments called `box` are of one path: where a run may go, or the part of it that one step
// may.
#pragma once

#include "hessopt/solvers/more_thuente.hpp"
#include "hessopt/solvers/point.hpp"
#include "hessopt/solvers/projected_path.hpp"

namespace hessopt {

template <Real T>
class PathSearch {
 public:
  using Verdict = MoreThuente::Verdict;

  PathSearch() = default;
  explicit PathSearch(const Wolfe& wolfe) : line_(wolfe) {}

  // Where it goes from the point it was started at; written before `start`.
  VectorOf<T>& direction() { return direction_; }
  const VectorOf<T>& direction() const { return direction_; }

  // `slope`: unit g'd, `hidden`: the change of f that says nothing; f and g are multiplied by
  // `unit`. The first trial is a whole step, or where the path ends.
  void start(const FeasibleSet<T>& box, const Point<T>& at, double unit, double slope,
             double hidden);
  // Along the direction.
  Kinks kinks(const FeasibleSet<T>& box, const Point<T>& at) const { return path(box, at).kinks(); }
  void write_trial(const FeasibleSet<T>& box, const Point<T>& at, VectorOf<T>& trial) const {
    path(box, at).point(line_.step(), trial);
  }
  // What was found at the trial; `finite` is false where f or g is not.
  void tell(const FeasibleSet<T>& box, const Point<T>& at, double unit, const VectorOf<T>& trial,
            bool finite, double f, ConstVectorRefOf<T> g);

  Verdict verdict() const { return line_.verdict(); }
  double step() const { return line_.step(); }
  double slope() const { return line_.slope(); }
  // As MoreThuente has them.
  bool left_domain() const { return line_.left_domain(); }
  bool falls_on() const { return line_.falls_on(); }

  template <class A>
  void fields(A& archive) {
    archive(line_, direction_, kinks_);
  }
  bool valid(Index n) const {
    return line_.valid() && (direction_.size() == 0 || direction_.size() == n);
  }

 private:
  ProjectedPath<T> path(const FeasibleSet<T>& box, const Point<T>& at) const {
    return {box, at.x, direction_};
  }

  MoreThuente line_;
  VectorOf<T> direction_;
  Kinks kinks_;
};

}  // namespace hessopt
