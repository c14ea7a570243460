// Newton's method within a bound on the length of a step, the quadratic model minimised exactly.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapter 4.
#pragma once

#include "hessopt/solvers/dense_solver.hpp"

namespace hessopt {

template <Real T>
class TrustRegion final : public DenseSolver<T> {
  using Base = DenseSolver<T>;
  using Base::run_;

 public:
  static std::string kind() { return "TrustRegion " + precision<T>(); }

  TrustRegion() = default;
  // `radius`: the first bound on a step; 0: that of Newton's step, or a guess.
  explicit TrustRegion(Run<T> run, double radius = 0);

  void tell(double f, ConstVectorRefOf<T> g);

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(radius_, at_boundary_);
  }
  bool valid() const;

 private:
  void choose_step() override;

  double radius_ = 0;
  bool at_boundary_ = false;
};

}  // namespace hessopt
