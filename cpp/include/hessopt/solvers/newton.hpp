// Newton's method for Hessians that can be stored: H d = -g by Cholesky, with no learning rate.
//
// The full step is taken wherever f falls as the quadratic model says. Where it does not, or H is
// not positive definite, a multiple of I is added: Newton chooses the multiple by the ratio of the
// decrease found to the one predicted, TrustRegion as the multiplier of a bound on |d|.
//
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., chapters 3 and 4; N. Doikov, E. M.
// Chayti, M. Jaggi, "Second-order optimization with lazy Hessians", ICML 2023.
#pragma once

#include "hessopt/linalg/trust_region.hpp"
#include "hessopt/solvers/model_solver.hpp"

namespace hessopt {

// Self: choose_step(), from model() and the gradient.
template <class Self, Real T>
class DenseSolver : public ModelSolver<T> {
  using Base = ModelSolver<T>;

 public:
  Index hessians() const { return hessians_; }
  Index factorizations() const { return h_.factorizations(); }

  // The Hessian at ask(); its lower triangle is read.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    this->expect(Need::hessian, "tell_hessian");
    require_size("H", h.rows(), run_.current().x.size());
    require_size("H", h.cols(), run_.current().x.size());
    ++hessians_;
    age_ = 0;
    if (!h_.set(h, run_.unit())) return run_.end(Status::non_finite);
    if (run_.is_stationary()) return verify();
    self().choose_step();
  }

 protected:
  using Base::need_;
  using Base::run_;

  DenseSolver() = default;
  explicit DenseSolver(Run<T> run) : Base(std::move(run)) {}

  // After an accepted step. A stationary point is a minimum if H was positive definite on the way
  // to it; a start, or one met from where it was not, is looked at once more.
  void proceed(bool fresh_hessian) {
    if (run_.is_stationary() && definite_) run_.end_stationary();
    if (!run_.is_stationary()) run_.check_progress();
    if (run_.done()) return;
    ++age_;
    if (fresh_hessian || run_.is_stationary())
      need_ = Need::hessian;
    else
      self().choose_step();
  }

  void set_definite(bool definite) { definite_ = definite; }
  Index age() const { return age_; }
  ShiftedCholesky& model() { return h_; }

  // (g'd, d'H d) of a step
  void take(Vector d) {
    const double slope = dot(this->scaled_gradient(), d), curvature = dot(d, h_.multiply(d));
    if (!std::isfinite(slope + curvature)) return run_.end(Status::non_finite);
    Base::set_step(std::move(d), slope, curvature, !definite_);
  }

  template <class A>
  void dense_fields(A& archive) {
    this->model_fields(archive);
    archive(h_, hessians_, age_, definite_);
  }

 private:
  Self& self() { return static_cast<Self&>(*this); }

  static constexpr double negative = 1e-8;  // curvature below it, relative to max |H_ii|

  void verify() {
    if (!h_.factor(negative * h_.scale()).failed()) return run_.end_stationary();
    const RegionStep lowest = region_step(h_, Vector::Zero(h_.size()), 1.0);
    const Vector v = lowest.d / norm(lowest.d);
    const double curvature = dot(v, h_.multiply(v));
    if (curvature >= -negative * h_.scale()) return run_.end_stationary();
    definite_ = false;
    Base::escape(v, curvature);
  }

  ShiftedCholesky h_;
  Index hessians_ = 0, age_ = 0;
  bool definite_ = false;
};

template <Real T>
class Newton : public DenseSolver<Newton<T>, T> {
  using Base = DenseSolver<Newton<T>, T>;
  friend Base;
  using Base::need_;
  using Base::run_;

 public:
  static std::string kind() { return "Newton " + precision<T>(); }
  static constexpr std::uint32_t version = 2;

  Newton() = default;
  // `every`: accepted steps that one Hessian serves.
  explicit Newton(Run<T> run, Index every = 1) : Base(std::move(run)), every_(every) {
    require(every >= 1, "hessian_every", std::to_string(every), "an integer >= 1");
  }

  void tell(double f, ConstVectorRefOf<T> g) {
    const double before = run_.started() ? run_.current().norm : 0;
    switch (Base::judge(f, g)) {
      case Base::Verdict::moved: {
        if (Base::ratio() > Base::good) shift_ = is_slight(shift_) ? 0 : shift_ / 4;
        if (Base::ratio() < Base::poor) shift_ = std::max(2 * shift_, 1e-6 * scale());
        // An old Hessian serves on while its model holds, or the gradient falls fast.
        const bool holds =
            (Base::ratio() >= 0.5 && Base::ratio() <= 2) || run_.current().norm <= 0.1 * before;
        Base::proceed(Base::model().size() == 0 || Base::age() + 1 >= every_ || !holds);
        break;
      }
      case Base::Verdict::turned_down:
        if (Base::age() > 0) {
          need_ = Need::hessian;
        } else {
          shift_ = std::max(4 * shift_, 0.5 * Base::stiffness());
          choose_step();
        }
        break;
      case Base::Verdict::shortened:
      case Base::Verdict::ended:
        break;
    }
    run_.check_limits();
  }

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(every_, shift_);
  }

 private:
  static constexpr double touch = 1e-10;  // of max |H_ii|

  double scale() { return Base::model().scale(); }
  // A shift that hardly changed the step just taken.
  bool is_slight(double shift) {
    return shift < 0.01 * Base::stiffness() || shift < touch * scale();
  }

  void choose_step() {
    ShiftedCholesky& h = Base::model();
    while (h.shift() != shift_) {
      const Pivot pivot = h.factor(shift_);
      if (!pivot.failed()) break;
      // Singular to working precision needs a touch, indefinite a push.
      if (shift_ == 0 && h.is_singular(pivot))
        shift_ = touch * h.scale();
      else
        shift_ = std::max(4 * shift_, 1e-3 * h.scale());
      if (!std::isfinite(shift_)) return run_.end(Status::non_finite);
    }
    Base::set_definite(shift_ <= touch * h.scale());
    Vector d = -Base::scaled_gradient();
    h.solve(d);
    Base::take(std::move(d));
  }

  Index every_ = 1;
  double shift_ = 0;
};

template <Real T>
class TrustRegion : public DenseSolver<TrustRegion<T>, T> {
  using Base = DenseSolver<TrustRegion<T>, T>;
  friend Base;
  using Base::run_;

 public:
  static std::string kind() { return "TrustRegion " + precision<T>(); }
  static constexpr std::uint32_t version = 1;

  TrustRegion() = default;
  // `radius`: the first bound on a step; 0: that of Newton's step, or a guess.
  explicit TrustRegion(Run<T> run, double radius = 0) : Base(std::move(run)), radius_(radius) {
    require(radius >= 0 && std::isfinite(radius), "initial_step", std::to_string(radius),
            "a finite number > 0");
  }

  void tell(double f, ConstVectorRefOf<T> g) {
    switch (Base::judge(f, g)) {
      case Base::Verdict::moved:
        if (Base::ratio() > Base::good && at_boundary_) radius_ *= 2;
        if (Base::ratio() < Base::poor) radius_ = Base::poor * Base::step_length();
        Base::proceed(true);
        break;
      case Base::Verdict::turned_down:
        radius_ = Base::poor * Base::step_length();
        choose_step();
        break;
      case Base::Verdict::shortened:
        radius_ = Base::step_length();
        break;
      case Base::Verdict::ended:
        break;
    }
    run_.check_limits();
  }

  template <class A>
  void fields(A& archive) {
    Base::dense_fields(archive);
    archive(radius_, at_boundary_);
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
    Base::set_definite(step.lambda <= 1e-10 * h.scale());
    Base::take(std::move(step.d));
  }

  double radius_ = 0;
  bool at_boundary_ = false;
};

}  // namespace hessopt
