#include <pybind11/native_enum.h>

#include "floors.hpp"
#include "hessopt/solvers/newton_cg.hpp"
#include "solver.hpp"

namespace hessopt::bindings {
namespace {

void bind_enums(py::module_& m) {
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
      .value("STEP", Status::step)
      .value("MAX_TIME", Status::max_time)
      .value("NOT_REPEATABLE", Status::not_repeatable)
      .value("SADDLE", Status::saddle)
      .value("UNBOUNDED", Status::unbounded)
      .value("NO_MINIMUM", Status::no_minimum)
      .finalize();
  py::native_enum<InnerStop>(m, "InnerStop", "enum.IntEnum",
                             "Why conjugate gradients ended inside NewtonCG.")
      .value("NONE", InnerStop::none)
      .value("TOLERANCE", InnerStop::tolerance)
      .value("BOUNDARY", InnerStop::boundary)
      .value("NEGATIVE_CURVATURE", InnerStop::negative_curvature)
      .value("LIMIT", InnerStop::limit)
      .finalize();
}

py::array_t<double> history_of(const std::vector<Record>& rows) {
  NewArray<double> out({static_cast<Index>(rows.size()), 5});
  double* to = out.data();
  for (const Record& row : rows)
    for (const double value : {row.f, row.norm, row.step, row.evaluations, row.seconds})
      *to++ = value;
  return out;
}

// Bounds of x, the caller's; infinite, on the side of `sign`, where all are.
template <Real T>
py::array bound(const Run<T>& run, const VectorOf<T>& of_z, double sign) {
  const Index n = run.variables().size_of_x(run.trial().size());
  if (of_z.size() == 0)
    return to_numpy(VectorOf<T>(
        VectorOf<T>::Constant(n, static_cast<T>(sign * std::numeric_limits<double>::infinity()))));
  if (run.variables().is_identity()) return to_numpy(of_z);
  const Vector of_x = run.variables().bound_to_x(of_z.template cast<double>());
  return to_numpy(VectorOf<T>(of_x.template cast<T>()));
}

template <Real T>
py::array active(const Run<T>& run) {
  const Point<T>& at = run.best();
  const VectorOf<T>& g = at.outer.size() > 0 ? at.outer : at.g;
  const Index n = run.variables().size_of_x(run.trial().size());
  NewArray<std::int64_t> out({n});
  const bool is_known = run.started() && !run.set().is_whole();
  for (Index j = 0; j < n; ++j) out.data()[j] = is_known ? run.set().holds(j, at.x[j], g[j]) : 0;
  return out;
}

// f(run) as a change.
template <class F>
void edit(SolverObject& any, F&& f) {
  any.change([&] { std::visit([&](auto* run) { f(*run); }, any.edit()); });
}

// What every solver has.
void bind_solver_object(py::module_& m) {
  using namespace py::literals;
  py::class_<SolverObject> c(m, "Solver", "What the solvers share.");
  // A property that is read from the run, whatever its precision.
  const auto field = [&c](const char* property, auto get, const char* text) {
    c.def_property_readonly(
        property,
        [get](const SolverObject& any) {
          return any.reading(
              [&] { return std::visit([&](const auto* run) { return get(*run); }, any.run()); });
        },
        text);
  };
  c.def(
      "ask", [](const SolverObject& any) { return any.reading([&] { return any.asked(); }); },
      "The point to evaluate at, shape (n,); the best point once the run has ended.");
  c.def(
      "tell",
      [](SolverObject& any, const py::object& f, const py::object& g, const py::object& residual,
         double error, double rounding) {
        any.tell(real_argument("f", f), g, residual, error, rounding);
        return static_cast<int>(any.needs());
      },
      "f"_a, "g"_a, "residual"_a = py::none(), "error"_a = 0.0, "rounding"_a = 0.0,
      "Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are "
      "allowed: the step is shortened. `residual`: on a model of rows whose columns the solver "
      "knows, the size of each output's, as from value_gradient_and_residual. "
      "`error`: of the largest component, where g comes from differences of f. `rounding`: what f "
      "may be off by, where that is more than its precision. Returns `needs`.");
  c.def(
      "_confine",
      [](SolverObject& any, const py::object& lower, const py::object& upper) {
        const Vector low = VectorArgument("lower", lower, any.size()).map();
        const Vector high = VectorArgument("upper", upper, any.size()).map();
        edit(any, [&]<class T>(Run<T>& run) { run.confine(FeasibleSet<T>(low, high)); });
      },
      "lower"_a, "upper"_a,
      "Before the start: ask for no point outside of these bounds, shape (n,).");
  c.def(
      "_standardize",
      [](SolverObject& any, const py::object& scale, const py::object& mean, double rows,
         const py::object& factor) {
        const auto vector = [](const char* name, const py::object& value) -> Vector {
          return VectorArgument(name, value, py::len(value)).map();
        };
        Matrix lower;
        if (!factor.is_none()) {
          const SymmetricArgument columns("factor", factor, py::len(scale));
          lower = columns.map().transpose();  // C order is Fortran order to it
        }
        const Variables variables(vector("scale", scale), vector("mean", mean), rows,
                                  std::move(lower));
        edit(any, [&](auto& run) { run.change_variables(variables); });
        return to_numpy(variables.origin());
      },
      "scale"_a, "mean"_a, "rows"_a, "factor"_a = py::none(),
      "Before the start: work in the variables of columns of mean 0 and size 1, uncorrelated where "
      "the Cholesky factor of their correlations is given. What is asked and told stays in those "
      "of "
      "the caller, but for Hessians where the origin that is returned, "
      "shape "
      "(p,), is not empty: these are to be told about it, see hessian_about.");
  c.def(
      "_lie_on",
      [](SolverObject& any, const Equalities& plane) {
        any.change([&] {
          std::visit([&](auto* run) { run->lie_on(plane); }, any.edit());
          any.set_size(plane.size());
        });
      },
      "plane"_a,
      "Before the start, which is z: minimise among the points of a plane. What is asked and told "
      "is of x from here on.");
  c.def_property_readonly(
      "_plane",
      [](const SolverObject& any) -> std::optional<Equalities> {
        return any.reading([&] {
          return std::visit(
              [](const auto* run) -> std::optional<Equalities> {
                if (!run->variables().are_on_plane()) return std::nullopt;
                return run->variables().plane();
              },
              any.run());
        });
      },
      "The plane that the run lies on, or None.");
  c.def(
      "stop", [](SolverObject& any) { edit(any, [](auto& run) { run.end(Status::callback); }); },
      "End the run here, with status CALLBACK.");
  c.def(
      "_resume",
      [](SolverObject& any, const Limits& limits) { any.change([&] { any.resume(limits); }); },
      "limits"_a);
  c.def(
      "repeat",
      [](SolverObject& any, const py::object& f) {
        const double value = real_argument("f", f);
        edit(any, [&](auto& run) { run.repeat(value); });
      },
      "f"_a,
      "Report f evaluated once more at `x`. Where it differs by more than rounding, the run ends "
      "with status NOT_REPEATABLE.");
  c.def(
      "spend",
      [](SolverObject& any, Index evaluations, Index gradients) {
        edit(any, [&](auto& run) { run.spend(evaluations, gradients); });
      },
      "evaluations"_a, "gradients"_a = 0,
      "Count evaluations of f and of its gradient beside those told, as differences take them.");
  c.def_property_readonly(
      "needs",
      [](const SolverObject& any) {
        return any.reading([&] { return static_cast<int>(any.needs()); });
      },
      "What to tell next, at `ask()`: 0 nothing, 1 `tell`, 2 `tell_hessian`, 3 `tell_product` of "
      "the Hessian, 4 `tell_product` of the preconditioner.");
  c.def_property_readonly(
      "x",
      [](const SolverObject& any) {
        return any.reading([&] {
          const auto best = [](const auto* run) -> py::array {
            return to_numpy(to_caller(*run, run->best().x));
          };
          const bool started =
              std::visit([](const auto* run) { return run->started(); }, any.run());
          return started ? std::visit(best, any.run()) : any.asked();
        });
      },
      "The best point so far, shape (n,).");
  field(
      "jac",
      [](const auto& r) -> py::array {
        return to_numpy(r.best().outer.size() > 0 ? r.best().outer : r.best().g);
      },
      "The gradient at `x`, as it was told; empty before the first `tell`.");
  field(
      "_is_bounded", [](const auto& r) { return !r.set().is_whole(); },
      "Whether any bound of x is finite.");
  field(
      "lower", [](const auto& r) { return bound(r, r.set().lower(), -1); },
      "Lower bounds of x, shape (n,); -inf where there is none.");
  field(
      "upper", [](const auto& r) { return bound(r, r.set().upper(), 1); },
      "Upper bounds of x, shape (n,); inf where there is none.");
  field(
      "active", [](const auto& r) { return active(r); },
      "Which bound holds each component of `x`, shape (n,): -1 the lower, 1 the upper, 0 none. One "
      "that f would fall towards, or that lies off its bounds, is held by none.");
  field(
      "projected_gradient",
      [](const auto& r) -> py::array {
        const auto& at = r.best();
        const auto& g = at.outer.size() > 0 ? at.outer : at.g;
        return to_numpy(r.set().is_whole() || g.size() == 0 ? g : r.set().left(at.x, g));
      },
      "The gradient at `x` without the components that bounds hold; it vanishes at a minimum. "
      "Empty "
      "before the first `tell`.");
  field("done", [](const auto& r) { return r.done(); }, "Whether the run has ended.");
  field(
      "fun", [](const auto& r) { return r.best().f; },
      "f at `x`, as it was told; NaN before the first `tell`.");
  field("nit", [](const auto& r) { return r.iterations(); }, "Iterations: accepted steps.");
  field("nfev", [](const auto& r) { return r.evaluations(); }, "Evaluations of f.");
  field("njev", [](const auto& r) { return r.gradients(); }, "Evaluations of its gradient.");
  field(
      "refined", [](const auto& r) { return r.is_refined(); },
      "Whether the gradient has been refined.");
  field("step", [](const auto& r) { return r.step(); }, "Length of the last accepted step.");
  field(
      "seconds", [](const auto& r) { return r.seconds(); },
      "Time between the first `tell` and the last.");
  field("limits", [](const auto& r) { return r.limits(); }, "When the run ends.");
  field("status", [](const auto& r) { return r.stop().status; }, "Why the run ended, or RUNNING.");
  field(
      "success", [](const auto& r) { return is_success(r.stop().status); },
      "Whether it ended at a minimum, as far as f and its derivatives tell.");
  field(
      "message", [](const auto& r) { return r.message(); },
      "The status in words, with the numbers that were compared.");
  field(
      "_history", [](const auto& r) { return history_of(r.history()); },
      "A row an iteration: f, max |g_i|, length of the step, evaluations, seconds.");
}

}  // namespace

void bind_solvers(py::module_& m) {
  using namespace py::literals;
  bind_enums(m);
  py::class_<Limits>(m, "Limits")
      .def(py::init([](bool automatic, double gtol, double gtol_rel, double ftol, double xtol,
                       Index maxiter, Index maxfun, double maxtime) {
             return Limits{automatic, gtol, gtol_rel, ftol, xtol, maxiter, maxfun, maxtime};
           }),
           "automatic"_a, "gtol"_a, "gtol_rel"_a, "ftol"_a, "xtol"_a, "maxiter"_a, "maxfun"_a,
           "maxtime"_a)
      .def_readonly("automatic", &Limits::automatic)
      .def_readonly("gtol", &Limits::gtol)
      .def_readonly("gtol_rel", &Limits::gtol_rel)
      .def_readonly("ftol", &Limits::ftol)
      .def_readonly("xtol", &Limits::xtol)
      .def_readonly("maxiter", &Limits::maxiter)
      .def_readonly("maxfun", &Limits::maxfun)
      .def_readonly("maxtime", &Limits::maxtime);
  bind_solver_object(m);
  bind_quasi_newton(m);
  bind_second_order(m);
  bind_fixed_rate(m);
}

}  // namespace hessopt::bindings
