// What the second-order solvers share: a step d to the minimum of a quadratic model,
//   m(d) = f + g'd + d'H d / 2,
// the ratio of the decrease found to the decrease predicted, and the way out of saddles.
#pragma once

#include <vector>

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Real T>
class ModelSolver : public SolverState<T> {
 public:
  // Of curvatures, relative to the largest: those of differences or of a quasi-Newton model.
  void expect_curvature_error(double error);

 protected:
  using SolverState<T>::need_;
  using SolverState<T>::run_;

  ModelSolver() = default;
  explicit ModelSolver(Run<T> run) : SolverState<T>(std::move(run)) {}

  static constexpr double sufficient = 1e-4;  // ratio from which on a step is taken
  static constexpr double good = 0.75, poor = 0.25;

  bool is_bounded() const { return !run_.set().is_whole(); }
  Vector scaled_gradient() const;
  // What bounds leave of it.
  Vector scaled_left() const;
  // How far each x_j may move down, <= 0, and up.
  Vector low() const { return distance(run_.set().lower()); }
  Vector high() const { return distance(run_.set().upper()); }
  const Vector& step() const { return step_; }
  double step_length() const { return length_; }
  // The curvature that alone would have led to a step as long: what a shift is to be measured by.
  double stiffness() const { return -slope_ / length_ / length_; }
  // The longest step that is tried once one as long has failed: where all curvature
  // has nearly vanished, as of losses far out, the whole step is of any length.
  double farthest() const;

  // As Run::refine; nothing that was promised from here holds.
  void refine_run(ConstVectorRefOf<T> g, double blur);
  // A new model of f here has promised nothing yet.
  void forget_promise() { promised_ = 0; }
  // The trial is a step d away, of slope g'd and curvature d'H d; `held_back` if it stops short of
  // the minimum of the model.
  void set_step(Vector d, double slope, double curvature, bool held_back);
  // The gradient vanishes here and v, of length 1, has v'H v = curvature < 0: a step along it, to
  // the side that is not uphill, as far as the first bound. False where bounds leave no such step.
  bool escape(const Vector& v, double curvature);
  // Those that are in the way of v or of -v, whichever loses less without them: on their bounds
  // with a gradient of 0, they may move to one side alone.
  std::vector<Index> in_the_way(const Vector& v) const;
  void shorten();

  enum class Verdict { moved, shortened, rejected, ended };

  // What becomes of the trial just told. `ratio_` is 1 where rounding hides it. `exact`: no better
  // model of f is to be had at the current point.
  Verdict judge(double f, ConstVectorRefOf<T> g, bool exact = true);
  double ratio() const { return ratio_; }
  // By how much the model has f fall along the step.
  double predicted() const { return -slope_ - 0.5 * curvature_; }
  double curvature_error() const { return curvature_error_; }
  // Whether the last step was what the model had said of it, so that the model may be asked about
  // the point that the step led to as well.
  bool foresaw() const;

  // The bound on the next step, from that on a step judged so.
  double next_radius(double radius, Verdict verdict, bool at_boundary) const;

  template <class A>
  void model_fields(A& archive) {
    this->base_fields(archive);
    archive(step_, slope_, curvature_, promised_, length_, ratio_, gain_, first_length_, shortened_,
            shortened_in_a_row_, met_edge_, escaping_, curvature_error_);
  }
  // Where there must be a step there is one, of the length of x.
  bool valid_step(bool wanted) const {
    const Index n = run_.trial().size();
    return step_.size() == n || (step_.size() == 0 && !wanted);
  }

 private:
  static constexpr double shrink = 0.25;
  static constexpr double unknown = std::numeric_limits<double>::infinity();

  static constexpr Index most_shortened = 30;  // steps in a row that the domain of f cut short
  static constexpr double endless = 1e30;      // length of a step, in first steps
  static constexpr double largest = 1e290;     // of |f|, next to overflow

  bool is_escaping() const { return escaping_ < 0; }
  double room(const Vector& v) const;
  Vector distance(const VectorOf<T>& bound) const {
    return bound.template cast<double>() - run_.current().x.template cast<double>();
  }
  bool leaves_all_bounds();
  void end_unbounded();
  void set_trial();
  void keep_to_bounds();
  void give_up(bool finite);

  Vector step_;
  double slope_ = 0, curvature_ = 0, length_ = 0, ratio_ = 1;
  double gain_ = 1;          // of the last step: the size of g after it, relative to that before
  double first_length_ = 0;  // of a step
  double promised_ = 0;      // by the first step from the current point, if it was a whole one
  bool shortened_ = false;   // since the domain of f ended before the step
  Index shortened_in_a_row_ = 0;
  bool met_edge_ = false;  // of the domain of f, since the last whole step
  double curvature_error_ = 0;
  double escaping_ = 0;  // from a saddle: the curvature along the step
};

}  // namespace hessopt
