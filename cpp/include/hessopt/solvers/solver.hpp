// The shape of a solver.
//
// A solver is a state, not a loop: it says what it needs, at which point, and is told what was
// found there; it never calls the objective.
#pragma once

#include <concepts>

#include "hessopt/linalg/vector_ops.hpp"
#include "hessopt/solvers/run.hpp"

namespace hessopt {

enum class Need : std::int32_t {
  nothing = 0,         // the run has ended
  value = 1,           // f and its gradient at ask()
  hessian = 2,         // the Hessian at ask(), the last accepted point
  product = 3,         // the Hessian at ask() times operand()
  preconditioner = 4,  // an approximate inverse Hessian at ask() times operand()
};
inline bool is_enumerator(Need n) { return n >= Need::nothing && n <= Need::preconditioner; }

template <class S>
concept Solver =
    requires(S& s, const S& c, double f, ConstVectorRefOf<typename S::Scalar> g, Writer& archive) {
      { c.run() } -> std::same_as<const Run<typename S::Scalar>&>;
      { c.needs() } -> std::same_as<Need>;
      { c.ask() } -> std::same_as<const VectorOf<typename S::Scalar>&>;
      s.tell(f, g);
      s.edit();
      s.resume(c.run().limits());
      s.fields(archive);
      { c.valid() } -> std::same_as<bool>;
      { S::kind() } -> std::same_as<std::string>;
    };

// A solver that also wants the Hessian, at the points it has accepted and nowhere else.
template <class S>
concept HessianSolver = Solver<S> && requires(S& s, MatrixRef h) { s.tell_hessian(h); };

// A solver that also wants products with the Hessian or a preconditioner.
template <class S>
concept ProductSolver = Solver<S> && requires(S& s, const S& c, ConstVectorRef v) {
  { c.operand() } -> std::same_as<const Vector&>;
  s.tell_product(v);
};

// A solver that goes on from where it ended, once it is told a more accurate gradient.
template <class S>
concept RefinableSolver =
    Solver<S> && requires(S& s, ConstVectorRefOf<typename S::Scalar> g) { s.refine(g, 0.0); };

// What every solver has: its run, and what it waits for.
template <Real T>
class SolverState {
 public:
  using Scalar = T;

  SolverState() = default;
  explicit SolverState(Run<T> run) : run_(std::move(run)) {}

  const Run<T>& run() const { return run_; }
  // To end, resume or question the run from outside.
  Run<T>& edit() { return run_; }
  Need needs() const { return run_.done() ? Need::nothing : need_; }
  // Where it is needed; the best point once the run has ended.
  const VectorOf<T>& ask() const;

 protected:
  void expect(Need need, const char* call) const;
  // The length of a first step, where nothing is known of the scale of x or f but the start: that
  // of x, or what brings the linear model of f to 0, whichever is shorter. Both scale with x and
  // neither with f. `slope`: the length of unit g.
  double first_length(double slope) const;

  template <class A>
  void base_fields(A& archive) {
    archive(run_, need_);
  }
  // `more`: what else than a value it may wait for.
  bool valid_base(Need more = Need::value, Need most = Need::value) const;
  // Whether the trial is a step from the current point, so that what made the step is at hand.
  bool is_under_way() const {
    return run_.started() && need_ == Need::value && (!run_.done() || is_pause(run_.stop().status));
  }

  Run<T> run_;
  Need need_ = Need::value;
};

// A solver as the caller sees it, whose variables are x where the solver's are z: x = T z.

template <Real T>
VectorOf<T> to_caller(const Run<T>& run, const VectorOf<T>& z);

// `residual`, `blur`, `rounding`: as in Beside.
template <Solver S>
void tell_in_x(S& solver, double f, ConstVectorRefOf<typename S::Scalar> g,
               const Vector& residual = {}, double blur = 0, double rounding = 0) {
  using T = typename S::Scalar;
  const Variables& v = solver.run().variables();
  if (v.is_identity()) {
    if (blur > 0 || rounding > 0) solver.edit().expect({.blur = blur, .rounding = rounding});
    return solver.tell(f, g);
  }
  const VectorOf<T> in_z = v.gradient_to_z(g.template cast<double>()).template cast<T>();
  solver.edit().expect({g, residual, blur, rounding});
  solver.tell(f, in_z);
}

// As Run::refine.
template <RefinableSolver S>
void refine_in_x(S& solver, ConstVectorRefOf<typename S::Scalar> g, double blur) {
  using T = typename S::Scalar;
  const Variables& v = solver.run().variables();
  if (v.is_identity()) return solver.refine(g, blur);
  const VectorOf<T> in_z = v.gradient_to_z(g.template cast<double>()).template cast<T>();
  solver.edit().expect({.outer = g});
  solver.refine(in_z, blur);
}

template <class S, class... Rough>
void tell_hessian_in_x(S& solver, const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h,
                       Rough... rough) {
  const Variables& v = solver.run().variables();
  if (v.is_identity()) return solver.tell_hessian(h, rough...);
  solver.tell_hessian(v.hessian_to_z(h), rough...);
}

template <class S>
void propose_in_x(S& solver, ConstVectorRefOf<typename S::Scalar> x,
                  const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) {
  using T = typename S::Scalar;
  const Variables& v = solver.run().variables();
  if (v.is_identity()) return solver.propose(x, h);
  const Vector z = v.to_z(x.template cast<double>());
  solver.propose(VectorOf<T>(z.template cast<T>()), v.hessian_to_z(h));
}

template <class S>
Vector operand_in_x(const S& solver) {
  const Variables& v = solver.run().variables();
  if (v.is_identity()) return solver.operand();
  const bool of_hessian = solver.needs() == Need::product;
  return of_hessian ? v.direction_to_x(solver.operand()) : v.gradient_to_x(solver.operand());
}
template <class S>
void tell_product_in_x(S& solver, ConstVectorRef product) {
  const Variables& v = solver.run().variables();
  if (v.is_identity()) return solver.tell_product(product);
  const bool of_hessian = solver.needs() == Need::product;
  solver.tell_product(of_hessian ? v.gradient_to_z(product) : v.to_z(product));
}

}  // namespace hessopt
