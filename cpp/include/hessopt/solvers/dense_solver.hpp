// What the solvers with a stored Hessian share: the matrix as it was told, and the look at a
// stationary point that may not be a minimum.
#pragma once

#include <utility>

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
    ++hessians_;
    if (!set_model(h)) return;
    if (run_.is_stationary()) return verify();
    self().choose_step();
  }

  // As Run::resume.
  void resume(const Limits& limits) {
    if (!run_.resume(limits)) return;
    proceed(fresh_);
    run_.check_limits();
  }
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur) {
    Base::refine_run(g, blur);
    proceed(true);
    run_.check_limits();
  }

 protected:
  using Base::need_;
  using Base::run_;

  DenseSolver() = default;
  explicit DenseSolver(Run<T> run) : Base(std::move(run)), h_(run_.trial().size()) {}

  // After an accepted step. A stationary point is a minimum if H was positive definite on the way
  // to it; a start, or one met from where it was not, is looked at once more.
  void proceed(bool fresh_hessian) {
    fresh_ = fresh_hessian;
    if (run_.is_stationary() && definite_) run_.end_stationary();
    if (!run_.is_stationary()) run_.check_progress();
    // With the factor of another point, which only the scores here can vouch for.
    if (!run_.done() && definite_ && h_.shift() == 0 && this->foresaw() &&
        !std::isnan(run_.current().gauge.score))
      run_.end(run_.settled(promise()));
    if (run_.done()) return;
    ++age_;
    if (fresh_hessian || run_.is_stationary())
      need_ = Need::hessian;
    else
      self().choose_step();
  }

  // False, and the run ends, when H is not finite.
  bool set_model(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
    require_size("H", h.rows(), run_.current().x.size());
    require_size("H", h.cols(), run_.current().x.size());
    age_ = 0;
    this->forget_promise();
    if (!h_.set(h, run_.unit())) run_.end(Status::non_finite);
    return !run_.done();
  }
  void drop_model() {
    h_.clear();
    age_ = 0;
  }
  void set_definite(bool definite) { definite_ = definite; }
  Index age() const { return age_; }
  ShiftedCholesky& model() { return h_; }
  const ShiftedCholesky& model() const { return h_; }

  // The step d = -B^-1 g; B is H as it was told, if `by_hessian`, else known by its inverse alone.
  // `whole`: d leads to the minimum of the model. One that is not of H here is believed to promise
  // nothing more only at the second point in a row.
  void take(Vector d, bool by_hessian, bool whole) {
    const double slope = dot(this->scaled_gradient(), d);
    const double curvature = by_hessian ? dot(d, h_.multiply(d)) : -slope;
    if (!std::isfinite(slope + curvature)) return run_.end(Status::non_finite);
    const Stop found = definite_ && whole ? run_.settled(-0.5 * slope) : Stop{};
    const Stop before = std::exchange(settled_, found);
    if ((by_hessian && age_ == 0) || before.status != Status::running) run_.end(found);
    if (run_.done()) return;
    Base::set_step(std::move(d), slope, curvature, !definite_);
  }

  template <class A>
  void dense_fields(A& archive) {
    this->model_fields(archive);
    archive(h_, hessians_, age_, definite_, fresh_, settled_);
  }
  bool valid_dense() const {
    return this->valid_base(Need::hessian) && h_.valid() &&
           (h_.size() == 0 || h_.size() == run_.trial().size()) && is_count(hessians_) &&
           is_count(age_);
  }

 private:
  Self& self() { return static_cast<Self&>(*this); }

  static constexpr double negative = 1e-8;  // curvature below it, relative to that of each x_i

  // What f would fall by to the minimum of a model with the factor at hand.
  double promise() const {
    Vector d = this->scaled_gradient();
    h_.solve(d);
    return 0.5 * dot(this->scaled_gradient(), d);
  }

  void verify() {
    if (!h_.factor(0, negative).failed()) return run_.end_stationary();
    const RegionStep lowest = region_step(h_, Vector::Zero(h_.size()), 1.0);
    if (norm(lowest.d) == 0) return run_.end_stationary();
    const Vector v = lowest.d / norm(lowest.d);
    const double curvature = dot(v, h_.multiply(v));
    const double sizes = v.cwiseAbs2().dot(h_.diagonal().cwiseAbs());
    if (curvature >= -std::max(negative * sizes, Base::curvature_error() * h_.scale()))
      return run_.end_stationary();
    definite_ = false;
    Base::escape(v, curvature);
  }

  ShiftedCholesky h_;
  Index hessians_ = 0, age_ = 0;
  bool definite_ = false, fresh_ = false;
  Stop settled_;  // as the automatic tests have it of the current point
};

}  // namespace hessopt
