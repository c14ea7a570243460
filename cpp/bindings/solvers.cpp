#include <pybind11/native_enum.h>

#include "floors.hpp"
#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "hessopt/solvers/newton.hpp"
#include "hessopt/solvers/newton_cg.hpp"
#include "hessopt/solvers/quasi_newton.hpp"
#include "hessopt/solvers/trust_region.hpp"
#include "solver.hpp"

namespace hessopt::bindings {
namespace {

using AnyLbfgs = AnySolver<Lbfgs<double>, Lbfgs<float>, Lbfgs<double, float>>;
using AnyBfgs = AnySolver<Bfgs<double>, Bfgs<float>>;
using AnyNewton = AnySolver<Newton<double>, Newton<float>>;
using AnyTrustRegion = AnySolver<TrustRegion<double>, TrustRegion<float>>;
using AnyNewtonCg = AnySolver<NewtonCg<double>, NewtonCg<float>>;
using AnyGradientDescent = AnySolver<GradientDescent<double>, GradientDescent<float>>;
using AnyAdam = AnySolver<Adam<double>, Adam<float>>;

// The diagonal of a preconditioner, or nothing.
Vector diagonal(const py::object& value, Index size) {
  return value.is_none() ? Vector() : Vector(VectorArgument("preconditioner", value, size).map());
}

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

void bind_quasi_newton(py::module_& m) {
  using namespace py::literals;
  auto lbfgs = bind_solver<Lbfgs<double>, Lbfgs<float>, Lbfgs<double, float>>(m, "Lbfgs");
  lbfgs.def(py::init([](const py::object& x0, Index maxcor, double initial_step,
                        const py::object& preconditioner, bool is_operator, bool float32_pairs,
                        double c1, double c2, Index maxls, const Limits& limits, bool history) {
              const Wolfe wolfe{c1, c2, maxls};
              return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
                const Index n = run.trial().size();
                const InitialHessian h0{diagonal(preconditioner, n), is_operator};
                if constexpr (std::same_as<T, double>) {
                  if (float32_pairs)
                    return AnyLbfgs(Lbfgs<double, float>(
                        std::move(run), LbfgsHistory<float>(n, maxcor), initial_step, h0, wolfe));
                }
                return AnyLbfgs(
                    Lbfgs<T>(std::move(run), LbfgsHistory<T>(n, maxcor), initial_step, h0, wolfe));
              });
            }),
            "x0"_a, "maxcor"_a, "initial_step"_a, "preconditioner"_a, "is_operator"_a,
            "float32_pairs"_a, "c1"_a, "c2"_a, "maxls"_a, "limits"_a, "history"_a);
  bind_products(lbfgs);
  auto bfgs = bind_solver<Bfgs<double>, Bfgs<float>>(m, "Bfgs");
  bfgs.def(
      py::init([](const py::object& x0, double initial_step, const py::object& hess_inv0, double c1,
                  double c2, Index maxls, const Limits& limits, bool history) {
        return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
          const Index n = run.trial().size();
          BfgsMatrix h(n);
          if (!hess_inv0.is_none())
            h = BfgsMatrix(SymmetricArgument("hess_inv0", hess_inv0, n).map());
          return AnyBfgs{Bfgs<T>(std::move(run), std::move(h), initial_step, {}, {c1, c2, maxls})};
        });
      }),
      "x0"_a, "initial_step"_a, "hess_inv0"_a, "c1"_a, "c2"_a, "maxls"_a, "limits"_a, "history"_a);
  const auto both = [](auto& c) {
    using Any = typename std::remove_reference_t<decltype(c)>::type;
    c.def_property_readonly(
        "n_skipped",
        [](const Any& any) { return any.read([](const auto& s) { return s.skipped(); }); },
        "Pairs without measurable curvature, left out of the model.");
    c.def(
        "apply_inverse",
        [](const Any& any, const py::object& v) {
          return any.read([&]<class One>(const One& s) -> py::array {
            using T = typename One::Scalar;
            const VectorArgumentOf<T> argument("v", v, any.size());
            NewArray<T> out({any.size()});
            auto result = out.vector();
            {
              const LongCall call;
              const Variables& variables = s.run().variables();
              if (variables.is_identity()) {
                s.apply_inverse(argument.map(), result);
              } else {
                const Vector in_z = variables.gradient_to_z(argument.map().template cast<double>());
                VectorOf<T> z(result.size());
                s.apply_inverse(VectorOf<T>(in_z.template cast<T>()), z);
                result = to_caller(s.run(), z);
              }
            }
            return py::array_t<T>(out);
          });
        },
        "v"_a);
  };
  both(lbfgs);
  both(bfgs);
  bfgs.def_property_readonly(
      "_inverse_matrix",
      [](const AnyBfgs& any) {
        return any.read([]<class One>(const One& s) -> py::array {
          using T = typename One::Scalar;
          Matrix in_x = s.inverse();
          if (const Variables& v = s.run().variables(); !v.is_identity()) {
            for (int side = 0; side < 2; ++side) {  // T H T'
              for (Index j = 0; j < in_x.cols(); ++j) in_x.col(j) = v.to_x(Vector(in_x.col(j)));
              in_x.transposeInPlace();
            }
          }
          return to_numpy(MatrixOf<T>(in_x.template cast<T>()));
        });
      },
      "The approximation of the inverse Hessian, shape (n, n).");
}

template <class Any>
void bind_curvature_error(py::class_<Any>& c) {
  using namespace py::literals;
  c.def(
      "_expect_curvature_error",
      [](Any& any, double error) {
        any.visit([&](auto& s) { any.change([&] { s.expect_curvature_error(error); }); });
      },
      "error"_a);
}

void bind_second_order(py::module_& m) {
  using namespace py::literals;
  auto newton = bind_solver<Newton<double>, Newton<float>>(m, "Newton");
  newton.def(py::init([](const py::object& x0, Index hessian_every, double hessian_cost,
                         bool convex, const Limits& limits, bool history) {
               return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
                 return AnyNewton{Newton<T>(std::move(run), {hessian_every, hessian_cost, convex})};
               });
             }),
             "x0"_a, "hessian_every"_a, "hessian_cost"_a, "convex"_a, "limits"_a, "history"_a);
  bind_hessian(newton);
  bind_curvature_error(newton);
  newton.def(
      "tell_hessian",
      [](AnyNewton& any, const py::object& h, bool rough) {
        return any.visit([&](auto& s) {
          const SymmetricArgument hessian("H", h, any.size());
          any.change([&] { tell_hessian_in_x(s, hessian.map(), rough); });
          return static_cast<int>(s.needs());
        });
      },
      "H"_a, py::kw_only(), "rough"_a,
      "The same for a Hessian whose products may have been rounded to float32.");
  newton.def(
      "propose",
      [](AnyNewton& any, const py::object& x, const py::object& h) {
        return any.visit([&]<class One>(One& s) {
          const VectorArgumentOf<typename One::Scalar> point("x", x, any.size());
          const SymmetricArgument hessian("H", h, any.size());
          any.change([&] { propose_in_x(s, point.map(), hessian.map()); });
          return static_cast<int>(s.needs());
        });
      },
      "x"_a, "H"_a,
      "At the start, once f is told there: a point found elsewhere, shape (n,), and a Hessian from "
      "there. Where f is lower the run goes on from it. Returns `needs`.");
  newton.def_property_readonly(
      "takes_rough_hessian",
      [](const AnyNewton& any) {
        return any.read([](const auto& s) { return s.takes_rough_hessian(); });
      },
      "Whether the products of the next Hessian may be rounded to float32.");
  newton.def_property_readonly(
      "n_reused",
      [](const AnyNewton& any) { return any.read([](const auto& s) { return s.reused(); }); },
      "Steps taken on the Hessian of an earlier point.");
  auto region = bind_solver<TrustRegion<double>, TrustRegion<float>>(m, "TrustRegion");
  region.def(
      py::init([](const py::object& x0, double initial_step, const Limits& limits, bool history) {
        return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
          return AnyTrustRegion{TrustRegion<T>(std::move(run), initial_step)};
        });
      }),
      "x0"_a, "initial_step"_a, "limits"_a, "history"_a);
  bind_hessian(region);
  bind_curvature_error(region);

  auto cg = bind_solver<NewtonCg<double>, NewtonCg<float>>(m, "NewtonCg");
  cg.def(py::init([](const py::object& x0, double initial_step, const py::object& preconditioner,
                     const std::string& kind, const Limits& limits, bool history) {
           return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
             using Kind = Preconditioner::Kind;
             const Kind chosen = kind == "pairs"      ? Kind::pairs
                                 : kind == "operator" ? Kind::caller
                                 : kind == "diagonal" ? Kind::diagonal
                                                      : Kind::none;
             const Preconditioner p{chosen, diagonal(preconditioner, run.trial().size())};
             return AnyNewtonCg{NewtonCg<T>(std::move(run), initial_step, p)};
           });
         }),
         "x0"_a, "initial_step"_a, "preconditioner"_a, "kind"_a, "limits"_a, "history"_a);
  bind_products(cg);
  bind_curvature_error(cg);
  cg.def_property_readonly(
      "nhev",
      [](const AnyNewtonCg& any) { return any.read([](const auto& s) { return s.products(); }); },
      "Products with the Hessian told.");
  cg.def_property_readonly(
      "inner_stop",
      [](const AnyNewtonCg& any) { return any.read([](const auto& s) { return s.inner_stop(); }); },
      "Why the last inner iteration ended.");
}

void bind_fixed_rate(py::module_& m) {
  using namespace py::literals;
  bind_solver<GradientDescent<double>, GradientDescent<float>>(m, "GradientDescent")
      .def(py::init([](const py::object& x0, double learning_rate, double momentum,
                       const Limits& limits, bool history) {
             return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
               return AnyGradientDescent{
                   GradientDescent<T>(std::move(run), learning_rate, momentum)};
             });
           }),
           "x0"_a, "learning_rate"_a, "momentum"_a, "limits"_a, "history"_a);
  bind_solver<Adam<double>, Adam<float>>(m, "Adam").def(
      py::init([](const py::object& x0, double learning_rate, double beta1, double beta2,
                  double epsilon, double weight_decay, bool amsgrad, const Limits& limits,
                  bool history) {
        const AdamOptions options{beta1, beta2, epsilon, weight_decay, amsgrad};
        return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
          return AnyAdam{Adam<T>(std::move(run), learning_rate, options)};
        });
      }),
      "x0"_a, "learning_rate"_a, "beta1"_a, "beta2"_a, "epsilon"_a, "weight_decay"_a, "amsgrad"_a,
      "limits"_a, "history"_a);
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
  bind_quasi_newton(m);
  bind_second_order(m);
  bind_fixed_rate(m);
}

}  // namespace hessopt::bindings
