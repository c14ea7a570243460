// Gradient descent with a fixed learning rate and momentum, the baseline that people know:
//   v <- momentum v + g,   x <- x - rate v
// B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comp.
// Math. Math. Phys. 4 (1964).
#pragma once

#include "hessopt/solvers/fixed_rate.hpp"

namespace hessopt {

template <Real T>
class GradientDescent final : public FixedRate<T> {
  using Base = FixedRate<T>;
  using Base::run_;

 public:
  static std::string kind() { return "GradientDescent " + precision<T>(); }

  GradientDescent() = default;
  GradientDescent(Run<T> run, double rate, double momentum);

  template <class A>
  void fields(A& archive) {
    Base::rate_fields(archive);
    archive(momentum_, velocity_);
  }
  bool valid() const;

 private:
  void descend() override;

  double momentum_ = 0;
  VectorOf<T> velocity_;
};

}  // namespace hessopt
