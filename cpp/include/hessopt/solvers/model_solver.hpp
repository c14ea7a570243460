// What the second-order solvers share: a step d to the minimum of a quadratic model,
//   m(d) = f + g'd + d'H d / 2,
// the ratio of the decrease found to the decrease predicted, and the way out of saddles.
#pragma once

#include "hessopt/solvers/solver.hpp"

namespace hessopt {

template <Real T>
class ModelSolver : public SolverState<T> {
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
  double stiffness() const { return -slope_ / (length_ * length_); }

  // As Run::refine; nothing that was promised from here holds.
  void refine_run(ConstVectorRefOf<T> g) {
    run_.refine(g);
    promised_ = 0;
  }
  // The trial is a step d away, of slope g'd and curvature d'H d; `held_back` if it stops short of
  // the minimum of the model.
  void set_step(Vector d, double slope, double curvature, bool held_back) {
    step_ = std::move(d);
    slope_ = slope;
    curvature_ = curvature;
    shortened_ = false;
    escaping_ = 0;
    if (promised_ == 0) promised_ = held_back ? unknown : predicted();
    set_trial();
  }
  // The gradient vanishes here and v, of length 1, has v'H v = curvature < 0: a step along it, to
  // the side that is not uphill.
  void escape(const Vector& v, double curvature) {
    const double side = dot(v, scaled_gradient()) > 0 ? -1 : 1;
    const double length = run_.step() > 0 ? run_.step() : this->first_length(0);
    set_step(side * length * v, 0, curvature * length * length, true);
    escaping_ = curvature;
  }
  void shorten() {
    step_ *= shrink;
    slope_ *= shrink;
    curvature_ *= shrink * shrink;
    set_trial();
  }

  enum class Verdict { moved, shortened, turned_down, ended };

  // What becomes of the trial just told. `ratio_` is 1 where rounding hides it.
  Verdict judge(double f, ConstVectorRefOf<T> g) {
    this->expect(Need::value, "tell");
    const bool finite = run_.record(f, g);
    if (run_.done()) return Verdict::ended;
    if (!run_.started()) {
      run_.advance(f, g);
      return Verdict::moved;
    }
    const Point<T>& at = run_.current();
    const double floor = rounding_error<T>(at.f) * run_.unit();
    const double fall = run_.unit() * (at.f - f);
    ratio_ = fall / predicted();
    bool take = finite && fall > 0 && ratio_ > sufficient;
    if (finite && !take && std::abs(fall) <= floor && run_.told_norm() < at.norm) {
      take = true;
      ratio_ = 1;
    }
    if (take) {
      if (shortened_) ratio_ = 0.5;  // says nothing of the model at full length
      run_.advance(f, g, length_, !shortened_);
      promised_ = 0;
      return Verdict::moved;
    }
    if (finite) run_.reject(f, g);
    // What the whole first step from here promised decides whether rounding is to blame.
    if (finite && promised_ <= 100 * floor) {
      run_.end(Status::rounding_floor, promised_ / run_.unit(), floor / run_.unit());
      return Verdict::ended;
    }
    if (run_.trial() == at.x || length_ < 1e-30 * norm(at.x) || predicted() < 1e-3 * floor) {
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

  // The bound on the next step, from that on a step judged so.
  double next_radius(double radius, Verdict verdict, bool at_boundary) const {
    switch (verdict) {
      case Verdict::moved:
        if (ratio_ < poor) return poor * length_;
        return ratio_ > good && at_boundary ? 2 * radius : radius;
      case Verdict::turned_down:
        return poor * length_;
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
    archive(step_, slope_, curvature_, promised_, length_, ratio_, shortened_, escaping_);
  }
  // Where there must be a step there is one, of the length of x.
  bool valid_step(bool wanted) const {
    const Index n = run_.trial().size();
    return step_.size() == n || (step_.size() == 0 && !wanted);
  }

 private:
  static constexpr double shrink = 0.25;
  static constexpr double unknown = std::numeric_limits<double>::infinity();

  bool is_escaping() const { return escaping_ < 0; }
  double predicted() const { return -slope_ - 0.5 * curvature_; }
  void set_trial() {
    length_ = norm(step_);
    run_.trial() = run_.current().x + step_.template cast<T>();
    need_ = Need::value;
  }
  void give_up(bool finite) {
    if (is_escaping())
      run_.end(Status::saddle, run_.current().norm, escaping_ / run_.unit());
    else
      run_.end(finite ? Status::line_search : Status::non_finite, slope_ / run_.unit(), length_);
  }

  Vector step_;
  double slope_ = 0, curvature_ = 0, length_ = 0, ratio_ = 1;
  double promised_ = 0;     // by the first step from the current point, if it was a whole one
  bool shortened_ = false;  // since the domain of f ended before the step
  double escaping_ = 0;     // from a saddle: the curvature along the step
};

}  // namespace hessopt
