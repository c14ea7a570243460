#include "hessopt/solvers/newton.hpp"
#include "hessopt/solvers/newton_cg.hpp"
#include "hessopt/solvers/proximal_newton.hpp"
#include "hessopt/solvers/trust_region.hpp"
#include "solver.hpp"

namespace hessopt::bindings {
namespace {

using AnyNewton = AnySolver<Newton<double>, Newton<float>>;
using AnyTrustRegion = AnySolver<TrustRegion<double>, TrustRegion<float>>;
using AnyProximalNewton = AnySolver<ProximalNewton<double>, ProximalNewton<float>>;
using AnyNewtonCg = AnySolver<NewtonCg<double>, NewtonCg<float>>;

template <class Any>
void bind_curvature_error(py::class_<Any, SolverObject>& c) {
  using namespace py::literals;
  c.def(
      "_expect_curvature_error",
      [](Any& any, double error) {
        any.visit([&](auto& s) { any.change([&] { s.expect_curvature_error(error); }); });
      },
      "error"_a);
}

void bind_proximal_newton(py::module_& m) {
  using namespace py::literals;
  auto c = bind_solver<ProximalNewton<double>, ProximalNewton<float>>(m, "ProximalNewton");
  c.def(py::init([](const py::object& x0, const py::object& l1, double hessian_cost, bool convex,
                    bool restrict, const Limits& limits, bool history) {
          return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
            Vector strengths = VectorArgument("l1", l1, py::len(l1)).map();
            return AnyProximalNewton{ProximalNewton<T>(std::move(run), std::move(strengths),
                                                       {hessian_cost, convex, restrict})};
          });
        }),
        "x0"_a, "l1"_a, "hessian_cost"_a, "convex"_a, "restrict"_a, "limits"_a, "history"_a);
  c.def_property_readonly(
      "working_set",
      [](const AnyProximalNewton& any) {
        return any.read([](const auto& s) {
          const std::vector<Index>& set = s.working_set();
          return to_numpy(Eigen::Map<const VectorOf<Index>>(set.data(), std::ssize(set)));
        });
      },
      "The coordinates whose Hessian is asked for, rising; `ask()` is 0 in all others.");
  c.def(
      "tell_hessian",
      [](AnyProximalNewton& any, const py::object& h, bool rough) {
        const auto size = any.read([](const auto& s) { return std::ssize(s.working_set()); });
        return any.visit([&](auto& s) {
          const SymmetricArgument hessian("H", h, size);
          any.change([&] { s.tell_hessian(hessian.map(), rough); });
          return static_cast<int>(s.needs());
        });
      },
      "H"_a, py::kw_only(), "rough"_a = false,
      "Report the Hessian of f without the l1 term at `ask()`, in the coordinates of "
      "`working_set` alone, shape (k, k) for k of them. `rough`: its products may have been "
      "rounded "
      "to float32. Returns `needs`.");
  c.def_property_readonly(
      "takes_rough_hessian",
      [](const AnyProximalNewton& any) {
        return any.read([](const auto& s) { return s.takes_rough_hessian(); });
      },
      "Whether the products of the next Hessian may be rounded to float32.");
  c.def(
      "_renew_l1",
      [](AnyProximalNewton& any, const py::object& l1) {
        return any.visit([&](auto& s) {
          const Vector strengths = VectorArgument("l1", l1, any.size()).map();
          any.change([&] { s.renew(strengths); });
          return static_cast<int>(s.needs());
        });
      },
      "l1"_a);
  c.def_property_readonly(
      "nhev",
      [](const AnyProximalNewton& any) {
        return any.read([](const auto& s) { return s.hessians(); });
      },
      "Hessians told.");
  bind_l1(c);
}

}  // namespace

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
  bind_proximal_newton(m);
}

}  // namespace hessopt::bindings
