// Newton's method within a bound on the length of a step, the quadratic model minimised exactly.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapter 4.
#pragma once

#include "hessopt/solvers/dense_solver.hpp"

namespace hessopt {

template <Real T>
class TrustRegion : public DenseSolver<TrustRegion<T>, T> {
  using Base = DenseSolver<TrustRegion<T>, T>;
  friend Base;
  using Base::run_;

 public:
  static std::string kind() { return "TrustRegion " + precision<T>(); }
  static constexpr std::uint32_t version = 3;

  TrustRegion() = default;
  // `radius`: the first bound on a step; 0: that of Newton's step, or a guess.
  explicit TrustRegion(Run<T> run, double radius = 0) : Base(std::move(run)), radius_(radius) {
    require(radius >= 0 && std::isfinite(radius), "initial_step", std::to_string(radius),
            "a finite number > 0");
  }

  void tell(double f, ConstVectorRefOf<T> g) {
    const auto verdict = Base::judge(f, g);
    radius_ = Base::next_radius(radius_, verdict, at_boundary_);
    if (verdict == Base::Verdict::moved) Base::proceed(true);
    if (verdict == Base::Verdict::turned_down) choose_step();
    run_.check_limits();
  }

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(radius_, at_boundary_);
  }
  bool valid() const {
    const bool wanted = Base::is_under_way();
    return Base::valid_dense() && Base::valid_step(wanted) &&
           (!wanted || Base::model().size() > 0) && radius_ >= 0 && std::isfinite(radius_);
  }

 private:
  void choose_step() {
    ShiftedCholesky& h = Base::model();
    const Vector g = Base::scaled_gradient();
    if (radius_ == 0) {
      Vector d = -g;
      const bool definite = !h.factor(0).failed();
      if (definite) h.solve(d);
      radius_ = definite ? norm(d) : Base::first_length(norm(g));
    }
    RegionStep step = region_step(h, g, radius_);
    at_boundary_ = step.at_boundary;
    Base::set_definite(step.lambda == 0);
    Base::take(std::move(step.d), true, !step.at_boundary);
  }

  double radius_ = 0;
  bool at_boundary_ = false;
};

}  // namespace hessopt
