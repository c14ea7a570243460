#include "hessopt/solvers/quasi_newton.hpp"
#include "hessopt/solvers/owl_qn.hpp"
#include "solver.hpp"

namespace hessopt::bindings {
namespace {

using AnyLbfgs = AnySolver<Lbfgs<double>, Lbfgs<float>, Lbfgs<double, float>>;
using AnyBfgs = AnySolver<Bfgs<double>, Bfgs<float>>;

using AnyOwlQn = AnySolver<OwlQn<double>, OwlQn<float>>;

void bind_owl_qn(py::module_& m) {
  using namespace py::literals;
  auto c = bind_solver<OwlQn<double>, OwlQn<float>>(m, "OwlQn");
  c.def(py::init([](const py::object& x0, const py::object& l1, Index maxcor, const Limits& limits,
                    bool history) {
          return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
            Vector strengths = VectorArgument("l1", l1, py::len(l1)).map();
            return AnyOwlQn{OwlQn<T>(std::move(run), std::move(strengths), maxcor)};
          });
        }),
        "x0"_a, "l1"_a, "maxcor"_a, "limits"_a, "history"_a);
  bind_l1(c);
}

}  // namespace

void bind_quasi_newton(py::module_& m) {
  using namespace py::literals;
  bind_owl_qn(m);
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
  lbfgs.def(
      "_is_due",
      [](const AnyLbfgs& any, double gradients) {
        return any.read([&](const auto& s) { return s.run().is_due(gradients); });
      },
      "gradients"_a,
      "Whether so many have been told since the variables were made, and they have become so "
      "small, "
      "that new variables may be worth as many.");
  lbfgs.def(
      "_renew",
      [](AnyLbfgs& any, const py::object& mean, const py::object& factor, double curvature) {
        any.visit([&](auto& s) {
          const SymmetricArgument columns("factor", factor, py::len(factor));
          const Vector centre = VectorArgument("mean", mean, py::len(mean)).map();
          any.change([&] {
            s.renew(s.run().variables().with(centre, columns.map().transpose()), curvature);
          });
        });
      },
      "mean"_a, "factor"_a, "curvature"_a,
      "Under way: work on in the variables of other means and correlations of the columns, along "
      "which f has that curvature. The steps so far are forgotten.");
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
                VectorOf<T> z(in_z.size());
                s.apply_inverse(VectorOf<T>(in_z.template cast<T>()), z);
                result = variables.direction_to_x(z.template cast<double>()).template cast<T>();
              }
            }
            return py::array_t<T>(out);
          });
        },
        "v"_a, "H v for v of shape (n,), H being the approximation of the inverse Hessian at `x`.");
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
              Matrix half(v.size_of_x(in_x.cols()), in_x.cols());
              for (Index j = 0; j < in_x.cols(); ++j) half.col(j) = v.direction_to_x(in_x.col(j));
              in_x = half.transpose();
            }
          }
          return to_numpy(MatrixOf<T>(in_x.template cast<T>()));
        });
      },
      "The approximation of the inverse Hessian, shape (n, n).");
}

}  // namespace hessopt::bindings
