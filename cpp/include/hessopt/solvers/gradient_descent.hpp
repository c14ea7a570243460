// Gradient descent with a fixed learning rate: x+ = x - rate g. The baseline that people know.
#pragma once

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

// What the fixed-rate methods share: every finite point is accepted; from one that is not finite
// the step is halved back towards the last that was.
class FixedRate {
 public:
  FixedRate() = default;
  FixedRate(Vector x0, double rate, const Limits& limits)
      : run_(limits), trial_(std::move(x0)), rate_(rate) {
    require(trial_.size() > 0, "x0", "length 0", "at least one parameter");
    require(std::isfinite(rate) && rate > 0, "learning_rate", std::to_string(rate),
            "a finite number > 0");
  }

  const Vector& ask() const { return trial_; }
  const Run& run() const { return run_; }
  void end(Status status) { run_.end(status); }

 protected:
  // Accepts the trial and returns true, or moves it.
  bool arrive(double f, ConstVectorRef g) {
    const bool finite = run_.record(trial_, f, g);
    if (run_.done()) return false;
    if (finite) run_.advance(trial_, f, g);
    run_.check_evaluations();
    if (finite || run_.done()) return finite && !run_.done();
    const Vector middle = 0.5 * (run_.current().x + trial_);
    if (!middle.allFinite() || middle == trial_ || middle == run_.current().x)
      run_.end(Status::non_finite);
    else
      trial_ = middle;
    return false;
  }
  double rate() const { return rate_; }
  Vector& trial() { return trial_; }

  template <class A>
  void base_fields(A& archive) {
    archive(run_, trial_, rate_);
  }

 private:
  Run run_;
  Vector trial_;
  double rate_ = 0;
};

class GradientDescent : public FixedRate {
 public:
  static constexpr std::string_view kind = "GradientDescent";
  static constexpr std::uint32_t version = 1;

  using FixedRate::FixedRate;

  void tell(double f, ConstVectorRef g) {
    if (arrive(f, g)) trial() -= rate() * g;
  }

  template <class A>
  void fields(A& archive) {
    base_fields(archive);
  }
};

}  // namespace hessopt
