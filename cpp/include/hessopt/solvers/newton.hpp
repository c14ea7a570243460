// Newton's method: the minimum of the quadratic model, H d = -g by Cholesky, with no learning rate.
//
// The full step is taken wherever it descends; else it is shortened. Where H is not positive
// definite to working precision, the smallest sufficient shift of a short ladder is added to its
// diagonal. J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., section 3.4; the ladder's
// factors are those of A. Waechter, L. T. Biegler, Math. Programming 106 (2006), algorithm IC.
#pragma once

#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/vector_ops.hpp"
#include "hessopt/solvers/solver.hpp"

namespace hessopt {

class Newton {
 public:
  static constexpr std::string_view kind = "Newton";
  static constexpr std::uint32_t version = 1;

  Newton() = default;
  Newton(Vector x0, const Limits& limits) : run_(limits), trial_(std::move(x0)) {
    require(trial_.size() > 0, "x0", "length 0", "at least one parameter");
  }

  const Vector& ask() const { return trial_; }
  const Run& run() const { return run_; }
  void end(Status status) { run_.end(status); }
  bool needs_hessian() const { return needs_hessian_ && !run_.done(); }
  Index hessians() const { return hessians_; }
  Index factorizations() const { return factorizations_; }

  void tell(double f, ConstVectorRef g) {
    require(!needs_hessian(), "tell", "f and g", "tell_hessian first");
    const bool finite = run_.record(trial_, f, g);
    if (run_.done()) return;
    if (!run_.started() || (finite && descends(f, g)))
      accept(f, g);
    else
      shorten(finite, f);
    if (!run_.done()) run_.check_evaluations();
  }

  // The Hessian at run().current(); its lower triangle is read, and `h` is not kept.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    require(needs_hessian(), "tell_hessian", "a Hessian", "tell(f, g) of an accepted point first");
    require_size("hess", h.rows(), trial_.size());
    require_size("hess", h.cols(), trial_.size());
    ++hessians_;
    needs_hessian_ = false;
    if (!h.allFinite()) return run_.end(Status::non_finite);
    const Vector& g = run_.current().g;
    direction_ = -g;
    if (!solve(h)) return run_.end(Status::non_finite);
    slope_ = dot(direction_, g);
    step_ = 1.0;
    trial_ = run_.current().x + direction_;
  }

  template <class A>
  void fields(A& archive) {
    archive(run_, direction_, trial_, slope_, step_, shift_, needs_hessian_, hessians_,
            factorizations_);
  }

 private:
  static constexpr double sufficient = 1e-4;

  // Armijo's condition; where rounding hides the promised change of f, a smaller gradient instead.
  bool descends(double f, ConstVectorRef g) const {
    const Point& at = run_.current();
    const double floor = rounding_error(at.f), promised = -step_ * slope_;
    if (promised > floor && f <= at.f - sufficient * promised) return true;
    return f <= at.f + floor && max_norm(g) < max_norm(at.g);
  }

  void accept(double f, ConstVectorRef g) {
    run_.advance(trial_, f, g);
    needs_hessian_ = true;
  }

  // To the minimiser of the parabola through f, its slope and the trial; within a tenth and a half.
  void shorten(bool finite, double f) {
    const Point& at = run_.current();
    double factor = 0.1;
    if (finite) {
      const double parabola = -slope_ * step_ / (2 * (f - at.f - slope_ * step_));
      factor = std::clamp(std::isfinite(parabola) ? parabola : 0.5, 0.1, 0.5);
    }
    // What the full step promised decides whether rounding is to blame.
    const double floor = rounding_error(at.f);
    if (finite && -slope_ <= 100 * floor) return run_.end(Status::rounding_floor, -slope_, floor);
    step_ *= factor;
    trial_ = at.x + step_ * direction_;
    if (step_ < 1e-20 || trial_ == at.x)
      run_.end(finite ? Status::line_search : Status::non_finite, slope_, step_);
  }

  // direction_ <- (H + shift I)^-1 direction_
  bool solve(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    const double n = static_cast<double>(h.rows());
    double scale = h.diagonal().cwiseAbs().maxCoeff();
    if (scale == 0) scale = max_norm(run_.current().g);
    // A pivot below this is rounding error, and a step along it noise.
    const double floor = n * std::numeric_limits<double>::epsilon() * scale;
    double shift = 0;
    for (Matrix l(h.rows(), h.cols()); std::isfinite(shift);) {
      l.triangularView<Eigen::Lower>() = h;
      l.diagonal().array() += shift;
      ++factorizations_;
      const Pivot pivot = cholesky_factor(l, floor);
      if (!pivot.failed()) {
        if (shift > 0) shift_ = shift;
        cholesky_solve_in_place(l, Eigen::Map<Matrix>(direction_.data(), h.rows(), 1));
        return direction_.allFinite();
      }
      // Singular to working precision needs a touch, indefinite a push: near the last one if any.
      if (shift > 0)
        shift *= shift_ > 0 ? 8 : 100;
      else if (pivot.value > -100 * floor)
        shift = 1e-10 * scale;
      else
        shift = shift_ > 0 ? std::max(shift_ / 3, 1e-10 * scale) : 1e-4 * scale;
    }
    return false;
  }

  Run run_;
  Vector direction_, trial_;
  double slope_ = 0, step_ = 0, shift_ = 0;
  bool needs_hessian_ = false;
  Index hessians_ = 0, factorizations_ = 0;
};

}  // namespace hessopt
