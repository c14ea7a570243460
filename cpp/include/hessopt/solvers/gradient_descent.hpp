// Gradient descent with a fixed learning rate and momentum, the baseline that people know:
//   v <- momentum v + g,   x <- x - rate v
// B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comp.
// Math. Math. Phys. 4 (1964).
#pragma once

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

// What the fixed-rate methods share: every finite point is accepted, so f may be noisy; from one
// that is not finite the step is halved back towards the last that was.
template <class Self, Real T>
class FixedRate : public SolverState<T> {
  using Base = SolverState<T>;

 public:
  void tell(double f, ConstVectorRefOf<T> g) {
    if (arrive(f, g)) self().descend();
  }
  // As Run::resume.
  void resume(const Limits& limits) {
    if (!run_.resume(limits)) return;
    run_.check_convergence();
    if (!run_.done()) self().descend();
  }

 protected:
  using Base::run_;

  FixedRate() = default;
  FixedRate(Run<T> run, double rate) : Base(std::move(run)), rate_(rate) {
    require(std::isfinite(rate) && rate > 0, "learning_rate", std::to_string(rate),
            "a finite number > 0");
  }

  double rate() const { return rate_; }

  template <class A>
  void rate_fields(A& archive) {
    this->base_fields(archive);
    archive(rate_);
  }
  bool valid_rate() const { return this->valid_base() && rate_ > 0 && std::isfinite(rate_); }

 private:
  Self& self() { return static_cast<Self&>(*this); }

  // Accepts the trial and returns true, or moves it.
  bool arrive(double f, ConstVectorRefOf<T> g) {
    this->expect(Need::value, "tell");
    const bool finite = run_.record(f, g);
    if (run_.done()) return false;
    if (finite) {
      double step = 0, stiffness = 0;  // of the last step: its length, curvature along it
      if (run_.started()) {
        const VectorOf<T> s = run_.trial() - run_.current().x;
        step = norm(s);
        stiffness = run_.unit() / step *
                    dot(VectorOf<T>(s / static_cast<T>(step)), VectorOf<T>(g - run_.current().g));
      }
      run_.advance(f, g, step);
      run_.check_convergence();
      const double size = run_.unit() * norm(run_.current().g);
      run_.end(run_.settled_by_score());
      if (stiffness > 0) run_.end(run_.settled(0.5 * size * (size / stiffness)));
      return !run_.done();
    }
    const VectorOf<T> middle = T(0.5) * (run_.current().x + run_.trial());
    if (!middle.allFinite() || middle == run_.trial() || middle == run_.current().x)
      run_.end(Status::non_finite);
    else
      run_.trial() = middle;
    run_.check_limits();
    return false;
  }

  double rate_ = 0;
};

template <Real T>
class GradientDescent : public FixedRate<GradientDescent<T>, T> {
  using Base = FixedRate<GradientDescent<T>, T>;
  friend Base;
  using Base::run_;

 public:
  static std::string kind() { return "GradientDescent " + precision<T>(); }
  static constexpr std::uint32_t version = 3;

  GradientDescent() = default;
  GradientDescent(Run<T> run, double rate, double momentum)
      : Base(std::move(run), rate), momentum_(momentum) {
    require(momentum >= 0 && momentum < 1, "momentum", std::to_string(momentum),
            "a number in [0, 1)");
    velocity_ = VectorOf<T>::Zero(run_.trial().size());
  }

  template <class A>
  void fields(A& archive) {
    Base::rate_fields(archive);
    archive(momentum_, velocity_);
  }
  bool valid() const {
    return Base::valid_rate() && momentum_ >= 0 && momentum_ < 1 &&
           velocity_.size() == run_.trial().size();
  }

 private:
  void descend() {
    velocity_ = static_cast<T>(momentum_) * velocity_ + run_.current().g;
    run_.trial() = run_.current().x - static_cast<T>(Base::rate()) * velocity_;
    run_.check_limits();
  }

  double momentum_ = 0;
  VectorOf<T> velocity_;
};

}  // namespace hessopt
