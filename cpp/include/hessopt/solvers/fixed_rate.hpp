// What the fixed-rate methods share: every finite point is accepted, so f may be noisy; from one
// that is not finite the step is halved back towards the last that was.
#pragma once

#include <utility>

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Real T>
class FixedRate : public SolverState<T> {
  using Base = SolverState<T>;

 public:
  void tell(double f, ConstVectorRefOf<T> g);
  // As Run::resume.
  void resume(const Limits& limits);

 protected:
  using Base::run_;

  FixedRate() = default;
  FixedRate(Run<T> run, double rate);

  // Moves the trial from the current point.
  virtual void descend() = 0;
  double rate() const { return rate_; }

  template <class A>
  void rate_fields(A& archive) {
    this->base_fields(archive);
    archive(rate_);
  }
  bool valid_rate() const { return this->valid_base() && rate_ > 0 && std::isfinite(rate_); }

 private:
  bool arrive(double f, ConstVectorRefOf<T> g);

  double rate_ = 0;
};

}  // namespace hessopt
