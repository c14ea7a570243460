// What the solvers with a stored Hessian share: the matrix as it was told, and the test of a
// stationary point for negative curvature.
//
// Within bounds a step is that of the variables which no bound holds, the face, by the rows and
// columns of H that are theirs. Where it would lead out of the box, the minimiser of the model in
// the box takes its place.
#pragma once

#include <utility>

#include "hessopt/linalg/box_quadratic.hpp"
#include "hessopt/linalg/trust_region.hpp"
#include "hessopt/solvers/model_solver.hpp"

namespace hessopt {

template <Real T>
class DenseSolver : public ModelSolver<T> {
  using Base = ModelSolver<T>;

 public:
  Index hessians() const { return hessians_; }
  Index factorizations() const { return h_.factorizations() + face_.factorizations() + spent_; }

  // The Hessian at ask(); its lower triangle is read.
  void tell_hessian(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h);

  // As Run::resume.
  void resume(const Limits& limits);
  // As Run::refine.
  void refine(ConstVectorRefOf<T> g, double blur);

 protected:
  using Base::is_bounded;
  using Base::need_;
  using Base::run_;

  DenseSolver() = default;
  explicit DenseSolver(Run<T> run) : Base(std::move(run)), h_(run_.trial().size()) {}

  // The next step, from model() and the gradient, for `take`.
  virtual void choose_step() = 0;

  // After an accepted step. A stationary point is a minimum if H was positive definite on the way
  // to it; a start, or one met from where it was not, is tested with a new H.
  void proceed(bool fresh_hessian);

  // False, and the run ends, when H is not finite.
  bool set_model(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h);
  void drop_model();
  void set_definite(bool definite) { definite_ = definite; }
  Index age() const { return age_; }
  bool has_model() const { return h_.size() > 0; }
  // Of the face, as the next two; without bounds of all variables.
  ShiftedCholesky& model() { return is_bounded() ? face_ : h_; }
  Vector gradient_of_face() const {
    const Vector g = Base::scaled_gradient();
    return is_bounded() ? gathered<double>(1, g, rows_) : g;
  }
  // The step d = -B^-1 g; B is H as it was told, if `by_hessian`, else known by its inverse alone.
  // `whole`: d leads to the minimum of the model. One that is not of H here is believed to promise
  // nothing more only at the second point in a row. `shift`: of B; `most`: the length of a step
  // that bounds have bent.
  void take(Vector d, bool by_hessian, bool whole, double shift = 0,
            double most = std::numeric_limits<double>::infinity());

  template <class A>
  void dense_fields(A& archive) {
    this->model_fields(archive);
    archive(h_, hessians_, age_, definite_, fresh_, settled_, rows_, sure_, face_, spent_);
  }
  bool valid_dense() const;

 private:
  static constexpr double negative = 1e-8;  // curvature below it, relative to that of each x_i

  Coordinates free() const;
  bool set_face(Coordinates rows);
  bool fit_to_box(Vector& d, double shift, double most, bool& whole);
  double promise() const;
  void verify();

  ShiftedCholesky h_;
  Index hessians_ = 0, age_ = 0;
  bool definite_ = false, fresh_ = false;
  Stop settled_;             // as the automatic tests have it of the current point
  Coordinates rows_, sure_;  // the face; where H was positive definite on the way from here
  ShiftedCholesky face_;
  Index spent_ = 0;  // factorisations of faces before
};

}  // namespace hessopt
