// What the second-order solvers share: a step d to the minimum of a quadratic model,
//   m(d) = f + g'd + d'H d / 2,
// the ratio of the decrease found to the decrease predicted, and the way out of saddles.
#pragma once

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Real T>
class ModelSolver : public SolverState<T> {
 public:
  // Of curvatures, relative to the largest: those of differences or of a quasi-Newton model.
  void expect_curvature_error(double error) {
    require(error >= 0 && error <= 1, "error", std::to_string(error), "a number in [0, 1]");
    curvature_error_ = error;
  }

 protected:
  using SolverState<T>::need_;
  using SolverState<T>::run_;

  ModelSolver() = default;
  explicit ModelSolver(Run<T> run) : SolverState<T>(std::move(run)) {}

  static constexpr double sufficient = 1e-4;  // ratio from which on a step is taken
  static constexpr double good = 0.75, poor = 0.25;

  Vector scaled_gradient() const { return run_.unit() * run_.current().g.template cast<double>(); }
  const Vector& step() const { return step_; }
  double step_length() const { return length_; }
  // The curvature that alone would have led to a step as long: what a shift is to be measured by.
  double stiffness() const { return -slope_ / length_ / length_; }
  // A length beyond which no step is looked for once one as long has failed: where all curvature
  // has nearly vanished, as of losses far out, the whole step is of any length.
  double farthest() const {
    return 1e3 * std::max(norm(run_.current().x), this->first_length(norm(scaled_gradient())));
  }

  // As Run::refine; nothing that was promised from here holds.
  void refine_run(ConstVectorRefOf<T> g, double blur) {
    run_.refine(g, blur);
    forget_promise();
  }
  // A new model of f here has promised nothing yet.
  void forget_promise() { promised_ = 0; }
  // The trial is a step d away, of slope g'd and curvature d'H d; `held_back` if it stops short of
  // the minimum of the model.
  void set_step(Vector d, double slope, double curvature, bool held_back) {
    step_ = std::move(d);
    slope_ = slope;
    curvature_ = curvature;
    shortened_ = false;
    escaping_ = 0;
    set_trial();
    if (promised_ == 0)
      promised_ = held_back && length_ < 1e-5 * farthest() ? unknown : predicted();
  }
  // The gradient vanishes here and v, of length 1, has v'H v = curvature < 0: a step along it, to
  // the side that is not uphill.
  void escape(const Vector& v, double curvature) {
    const double side = dot(v, scaled_gradient()) > 0 ? -1 : 1;
    // Long enough for f to show it.
    const double seen = std::sqrt(200 * run_.rounding() * run_.unit() / -curvature);
    const double length = std::max(run_.step() > 0 ? run_.step() : this->first_length(0), seen);
    set_step(side * length * v, 0, curvature * length * length, true);
    escaping_ = curvature;
  }
  void shorten() {
    const double less = std::min(shrink, farthest() / length_);
    step_ *= less;
    slope_ *= less;
    curvature_ *= less * less;
    set_trial();
  }

  enum class Verdict { moved, shortened, turned_down, ended };

  // What becomes of the trial just told. `ratio_` is 1 where rounding hides it. `exact`: no better
  // model of f is to be had at the current point.
  Verdict judge(double f, ConstVectorRefOf<T> g, bool exact = true) {
    this->expect(Need::value, "tell");
    const bool finite = run_.record(f, g);
    if (run_.done()) return Verdict::ended;
    if (!run_.started()) {
      run_.advance(f, g);
      return Verdict::moved;
    }
    const Point<T>& at = run_.current();
    const double floor = run_.rounding() * run_.unit();
    const double fall = run_.unit() * (at.f - f);
    ratio_ = fall / predicted();
    gain_ = run_.told_norm() / at.norm;
    bool take = finite && fall > 0 && ratio_ > sufficient;
    // Where rounding hides how f changes, the gradient tells; a sum of terms that cancel has more
    // of it than its value shows.
    const bool hidden = std::abs(fall) <= floor ||
                        (gain_ <= 0.5 && std::max(std::abs(fall), predicted()) <= 100 * floor);
    if (finite && !take && hidden && gain_ < 1) {
      take = true;
      ratio_ = 1;
    }
    if (take) {
      if (shortened_) ratio_ = 0.5;  // says nothing of the model at full length
      shortened_in_a_row_ = shortened_ ? shortened_in_a_row_ + 1 : 0;
      if (!shortened_ && promised_ < unknown) met_edge_ = false;
      run_.advance(f, g, length_, !shortened_);
      promised_ = 0;
      if (shortened_in_a_row_ >= most_shortened)
        run_.end(Status::non_finite, slope_ / run_.unit(), length_);
      if (run_.done() || leaves_all_bounds()) return Verdict::ended;
      return Verdict::moved;
    }
    if (finite)
      run_.reject(f, g);
    else
      met_edge_ = true;
    // What the whole first step from here promised decides whether rounding is to blame, unless a
    // better model may promise more.
    const double little = std::max(100 * rounding_error<T>(at.f) * run_.unit(), floor);
    if (finite && promised_ <= little) {
      if (!exact) return Verdict::turned_down;
      run_.end_at_rounding(promised_ / run_.unit(), floor / run_.unit());
      return Verdict::ended;
    }
    if (run_.trial() == at.x || length_ < 1e-30 * norm(at.x) ||
        (predicted() >= 0 && predicted() < 1e-3 * floor)) {
      give_up(finite);
      return Verdict::ended;
    }
    // Out of the domain, or where curvature alone leads: nearer by the same way.
    if (finite && !is_escaping()) return Verdict::turned_down;
    shortened_ = true;
    shorten();
    return Verdict::shortened;
  }
  double ratio() const { return ratio_; }
  // By how much the model has f fall along the step.
  double predicted() const { return -slope_ - 0.5 * curvature_; }
  double curvature_error() const { return curvature_error_; }
  // Whether the last step was what the model had said of it, so that the model may be asked about
  // the point that the step led to as well.
  bool foresaw() const { return gain_ <= 0.1 && std::abs(ratio_ - 1) <= 0.25; }

  // The bound on the next step, from that on a step judged so.
  double next_radius(double radius, Verdict verdict, bool at_boundary) const {
    switch (verdict) {
      case Verdict::moved:
        if (ratio_ < poor) return poor * length_;
        return ratio_ > good && at_boundary ? 2 * radius : radius;
      case Verdict::turned_down:
        return std::min(poor * length_, farthest());
      case Verdict::shortened:
        return length_;
      case Verdict::ended:
        break;
    }
    return radius;
  }

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
  // Whether f still falls so far away that it will not end. The run ends then.
  bool leaves_all_bounds() {
    if (first_length_ == 0) first_length_ = length_;
    if (!(length_ >= endless * first_length_ || run_.current().f < -largest)) return false;
    end_unbounded();
    return true;
  }
  void end_unbounded() {
    run_.end(Status::unbounded, slope_ / length_ / run_.unit(), length_ / first_length_);
  }
  void set_trial() {
    length_ = norm(step_);
    run_.trial() = run_.current().x + step_.template cast<T>();
    need_ = Need::value;
  }
  void give_up(bool finite) {
    const double unit = run_.unit();
    if (!finite && run_.current().f < -largest)
      end_unbounded();
    else if (is_escaping())
      run_.end(Status::saddle, run_.current().norm, escaping_ / run_.unit());
    else if (finite && !met_edge_ && promised_ <= 1000 * run_.rounding() * unit)
      run_.end_at_rounding(promised_ / unit, run_.rounding());
    else
      run_.end(!finite || met_edge_ ? Status::non_finite : Status::line_search, slope_ / unit,
               length_);
  }

  Vector step_;
  double slope_ = 0, curvature_ = 0, length_ = 0, ratio_ = 1;
  double gain_ = 1;          // of the last step: max |g_i| after it, relative to that before
  double first_length_ = 0;  // of a step
  double promised_ = 0;      // by the first step from the current point, if it was a whole one
  bool shortened_ = false;   // since the domain of f ended before the step
  Index shortened_in_a_row_ = 0;
  bool met_edge_ = false;  // of the domain of f, since the last whole step
  double curvature_error_ = 0;
  double escaping_ = 0;  // from a saddle: the curvature along the step
};

}  // namespace hessopt
