// Nonlinear least squares: the minimum of r(x)'r(x) by Levenberg and Marquardt's step in the radius
// of More, within bounds.
//
// With J = dr/dx and D the largest norm that each column of J has had, a step is
//   min |J s + r|^2   where |D s| <= delta,  lower <= x + s <= upper,
// and delta follows the ratio of the decrease found to that foreseen. What would leave the bounds
// is put on them, and the rest solved again. A robust loss sum_i C^2 rho((r_i / C)^2) has rows of J
// and r of its own, to first and half of the second order.
//
// J. J. More, "The Levenberg-Marquardt algorithm: implementation and theory", 1978; B. Triggs et
// al., "Bundle adjustment", 2000, for robust losses; M. K. Transtrum, J. P. Sethna, "Improvements
// to the Levenberg-Marquardt algorithm for nonlinear least-squares minimization", 2012, for the
// acceleration.
#pragma once

#include <optional>
#include <string>

#include "hessopt/core/archive.hpp"
#include "hessopt/linalg/boxed_squares.hpp"
#include "hessopt/solvers/stopping.hpp"

namespace hessopt {

// What a run of least squares waits for, at ask().
enum class SquaresNeed : std::int32_t {
  nothing = 0,
  residuals = 1,
  jacobian = 2,  // at the last accepted point
};
inline bool is_enumerator(SquaresNeed n) {
  return n >= SquaresNeed::nothing && n <= SquaresNeed::jacobian;
}

struct SquaresOptions {
  Vector lower, upper;
  Vector scale;             // of x; empty: of the columns of J
  bool accelerate = false;  // by the second derivative of r along a step
  double error = 1e-13;     // of J, relative to each column
  double gtol = 0;          // on the cosine of r with a column of J
  double xtol = 0;          // on |D s| relative to |D x|
  double ftol = 0;          // on the relative decrease
  Index max_nfev = 0;

  template <class A>
  void fields(A& archive) {
    archive(lower, upper, scale, accelerate, error, gtol, xtol, ftol, max_nfev);
  }
  bool valid(Index n) const;
};

class LevenbergMarquardt {
 public:
  static std::string kind() { return "LevenbergMarquardt"; }

  LevenbergMarquardt() = default;
  LevenbergMarquardt(Vector x0, SquaresOptions options);

  SquaresNeed needs() const { return done() ? SquaresNeed::nothing : need_; }
  const Vector& ask() const;
  // r at ask(), and where there is a loss rho, rho' and rho'' of (r / C)^2, a column each; C is
  // f_scale.
  void tell(ConstVectorRef r, const Matrix& rho = {}, double f_scale = 1);
  void tell_jacobian(const Eigen::Ref<const RowMatrix>& j);
  void stop() { end(Status::callback); }

  // Of the point that the run has come to.
  const Vector& x() const { return x_; }
  double cost() const { return 0.5 * squares_; }
  Vector gradient() const;  // of cost
  double optimality() const { return cosine_; }
  const Matrix& triangle() const { return r_; }
  const Vector& weights() const { return weight_; }
  const Vector& start() const { return start_; }
  const Vector& lower() const { return options_.lower; }
  const Vector& upper() const { return options_.upper; }
  bool done() const { return stop_.status != Status::running; }
  const Stop& why() const { return stop_; }
  std::string message() const;
  Index iterations() const { return iterations_; }
  Index evaluations() const { return evaluations_; }
  Index jacobians() const { return jacobians_; }
  Index residuals() const { return residual_.size(); }

  template <class A>
  void fields(A& archive) {
    archive(options_, need_, phase_, start_, x_, trial_, residual_, weight_, trial_residual_,
            trial_weight_, r_, turned_, norms_, scale_, step_, squares_, trial_squares_, lambda_,
            radius_, cosine_, promised_, length_, hidden_length_, hidden_, failures_, iterations_,
            evaluations_, jacobians_, jacobian_, ending_, stop_);
  }
  bool valid() const;

 private:
  enum class Phase : std::int32_t { start, bend, trial };
  friend bool is_enumerator(Phase p) { return p >= Phase::start && p <= Phase::trial; }
  using Free = BoxedSquares::Free;

  static constexpr Index most_hidden = 30, most_failures = 80;

  void end(Status status, double measured = 0, double bound = 0) {
    stop_ = {status, measured, bound};
  }
  void end_at_limit() {
    end(Status::max_evaluations, static_cast<double>(evaluations_),
        static_cast<double>(options_.max_nfev));
  }
  void read(ConstVectorRef r, const Matrix& rho, double f_scale);
  void measure();
  bool is_stationary(const Free& free);
  Free free_coordinates() const;
  const DampedSquares& known();
  void choose_step();
  BoxedSquares squares() const { return {r_, turned_, scale_, x_, options_.lower, options_.upper}; }
  void bend(ConstVectorRef r);
  void aim();
  void judge();
  void accept(bool hidden);
  void reject();
  double floor() const;
  void give_up();

  SquaresOptions options_;
  SquaresNeed need_ = SquaresNeed::residuals;
  Phase phase_ = Phase::start;
  Vector start_, x_, trial_;
  // Rows of J and r are multiplied by weights where there is a loss; residual_ is so already.
  Vector residual_, weight_, trial_residual_, trial_weight_;
  Matrix r_;       // of J = QR
  Vector turned_;  // Q'r
  Vector norms_;   // of the columns of J, the largest so far
  Vector scale_;   // by which variables are measured
  Vector step_;
  double squares_ = 0, trial_squares_ = 0;  // 2 f
  double lambda_ = 0, radius_ = 0, cosine_ = 0;
  double promised_ = 0, length_ = 0;
  double hidden_length_ = 0;  // of the last step whose decrease rounding hid
  Index hidden_ = 0;          // steps whose decrease rounding hides
  Index failures_ = 0;        // steps from here
  Index iterations_ = 0, evaluations_ = 0, jacobians_ = 0;
  RowMatrix jacobian_;  // kept for the acceleration
  Stop ending_;         // the end once J is known, if any
  Stop stop_;
  Free moving_;                         // with known_
  std::optional<DampedSquares> known_;  // of the free coordinates here; no part of the state
};

}  // namespace hessopt
