#include <pybind11/native_enum.h>

#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "hessopt/solvers/lbfgs.hpp"
#include "hessopt/solvers/newton.hpp"

namespace hessopt::bindings {
namespace {

Vector start(const py::object& x0) {
  const py::array any = py::array::ensure(x0);
  if (!any) throw py::error_already_set();
  if (any.ndim() != 1) throw ArgumentError("x0", "shape " + shape_text(any), "shape (n,)");
  const Vector x = VectorArgument("x0", any, any.shape(0)).map();
  if (!x.allFinite()) throw ArgumentError("x0", "NaN or inf", "finite numbers");
  return x;
}

// The highest point a run has to show: before the first `tell` that is the start, unevaluated.
const Vector& best_x(const Run& run, const Vector& asked) {
  return run.started() ? run.best().x : asked;
}

template <class S>
  requires Solver<S>
py::class_<S> bind_solver(py::module_& m, const char* name) {
  using namespace py::literals;
  return py::class_<S>(m, name)
      .def(
          "ask", [](const S& s) { return to_numpy(s.ask()); },
          "The point to evaluate next, shape (n,).")
      .def(
          "tell",
          [](S& s, const py::object& f, const py::object& g) {
            const double value = real_argument("f", f);
            const VectorArgument gradient("g", g, s.ask().size());
            const py::gil_scoped_release release;
            s.tell(value, gradient.map());
          },
          "f"_a, "g"_a,
          "Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are "
          "allowed: the step is shortened.")
      .def(
          "stop", [](S& s) { s.end(Status::callback); }, "End the run here, with status CALLBACK.")
      .def_property_readonly(
          "done", [](const S& s) { return s.run().done(); }, "Whether the run has ended.")
      .def_property_readonly(
          "x", [](const S& s) { return to_numpy(best_x(s.run(), s.ask())); },
          "The best point so far, shape (n,).")
      .def_property_readonly(
          "fun", [](const S& s) { return s.run().best().f; },
          "f at `x`, as it was told; NaN before the first `tell`.")
      .def_property_readonly(
          "jac", [](const S& s) { return to_numpy(s.run().best().g); },
          "The gradient at `x`, as it was told; empty before the first `tell`.")
      .def_property_readonly(
          "nit", [](const S& s) { return s.run().iterations(); }, "Iterations: accepted steps.")
      .def_property_readonly(
          "nfev", [](const S& s) { return s.run().evaluations(); },
          "Evaluations of f and its gradient.")
      .def_property_readonly(
          "status", [](const S& s) { return s.run().stop().status; },
          "Why the run ended, or RUNNING.")
      .def_property_readonly(
          "success", [](const S& s) { return is_success(s.run().stop().status); },
          "Whether it ended at a minimum, as far as f and its gradient tell.")
      .def_property_readonly(
          "message", [](const S& s) { return s.run().stop().message(); },
          "The status in words, with the numbers that were compared.")
      .def(py::pickle([](const S& s) { return py::bytes(save(s)); },
                      [](const py::bytes& bytes) {
                        S s;
                        load(s, std::string_view(bytes));
                        return s;
                      }));
}

Limits limits(double gtol, double gtol_rel, double ftol, Index maxiter, Index maxfun) {
  return {gtol, gtol_rel, ftol, maxiter, maxfun};
}

}  // namespace

void bind_solvers(py::module_& m) {
  using namespace py::literals;
  py::native_enum<Status>(m, "Status", "enum.IntEnum", "Why a run ended.")
      .value("RUNNING", Status::running)
      .value("GRADIENT", Status::gradient)
      .value("DECREASE", Status::decrease)
      .value("ROUNDING_FLOOR", Status::rounding_floor)
      .value("MAX_ITERATIONS", Status::max_iterations)
      .value("MAX_EVALUATIONS", Status::max_evaluations)
      .value("LINE_SEARCH", Status::line_search)
      .value("NON_FINITE", Status::non_finite)
      .value("CALLBACK", Status::callback)
      .finalize();

  py::class_<Limits>(m, "Limits")
      .def(py::init(&limits), "gtol"_a, "gtol_rel"_a, "ftol"_a, "maxiter"_a, "maxfun"_a);

  bind_solver<Lbfgs>(m, "Lbfgs")
      .def(py::init([](const py::object& x0, Index maxcor, const Limits& stopping) {
             return Lbfgs(start(x0), maxcor, stopping);
           }),
           "x0"_a, "maxcor"_a, "limits"_a)
      .def_property_readonly("n_skipped", &Lbfgs::skipped,
                             "Pairs without measurable curvature, left out of the history.");
  bind_solver<Newton>(m, "Newton")
      .def(py::init([](const py::object& x0, const Limits& stopping) {
             return Newton(start(x0), stopping);
           }),
           "x0"_a, "limits"_a)
      .def_property_readonly("needs_hessian", &Newton::needs_hessian,
                             "Whether the Hessian at the last asked point is wanted next.")
      .def(
          "tell_hessian",
          [](Newton& s, const py::object& h) {
            const SymmetricArgument hessian("H", h, s.ask().size());
            const py::gil_scoped_release release;
            s.tell_hessian(hessian.map());
          },
          "H"_a,
          "Report the Hessian, shape (n, n), at the last accepted point. It is taken to be "
          "symmetric.")
      .def_property_readonly("nhev", &Newton::hessians, "Hessians told.")
      .def_property_readonly("n_factorizations", &Newton::factorizations,
                             "Cholesky factorisations, the failed ones included.");
  bind_solver<GradientDescent>(m, "GradientDescent")
      .def(py::init([](const py::object& x0, double learning_rate, const Limits& stopping) {
             return GradientDescent(start(x0), learning_rate, stopping);
           }),
           "x0"_a, "learning_rate"_a, "limits"_a);
  bind_solver<Adam>(m, "Adam").def(
      py::init([](const py::object& x0, double learning_rate, double beta1, double beta2,
                  double epsilon, const Limits& stopping) {
        return Adam(start(x0), learning_rate, beta1, beta2, epsilon, stopping);
      }),
      "x0"_a, "learning_rate"_a, "beta1"_a, "beta2"_a, "epsilon"_a, "limits"_a);
}

}  // namespace hessopt::bindings
