// One Python class over the precisions of a solver, and what every such class has.
#pragma once

#include <optional>
#include <variant>

#include "arguments.hpp"
#include "hessopt/solvers/solver.hpp"
#include "in_use.hpp"

namespace hessopt::bindings {

template <Solver... S>
class AnySolver {
 public:
  template <Solver One>
  AnySolver(One solver) : size_(solver.ask().size()), it_(std::move(solver)) {}

  // Of its parameters; known without a look at the state.
  Index size() const { return size_; }

  // f(solver), which is only read.
  template <class F>
  decltype(auto) read(F&& f) const {
    const InUse::Reading reading(in_use_);
    return std::visit(std::forward<F>(f), it_);
  }
  // f(solver), which may change it in `change`. What runs code of the caller's, as to convert an
  // argument does, comes before.
  template <class F>
  decltype(auto) visit(F&& f) {
    return std::visit(std::forward<F>(f), it_);
  }
  // f() without the GIL. Arguments are refused before anything is changed; what fails later, for
  // want of memory, leaves a state that is of no use.
  template <class F>
  void change(F&& f) {
    const InUse::Changing changing(in_use_);
    const py::gil_scoped_release release;
    try {
      f();
    } catch (const std::invalid_argument&) {
      throw;
    } catch (...) {
      in_use_.lose();
      throw;
    }
  }

 private:
  Index size_;
  std::variant<S...> it_;
  InUse in_use_;
};

// The start, in the precision it came in; whole numbers become float64.
template <Real T>
VectorOf<T> start(const py::array& x0) {
  if (x0.ndim() != 1) throw ArgumentError("x0", "shape " + shape_text(x0), "shape (n,)");
  const VectorOf<T> x = VectorArgumentOf<T>("x0", x0, x0.shape(0)).map();
  if (!x.allFinite()) throw ArgumentError("x0", "NaN or inf", "finite numbers");
  return x;
}

// f.template operator()<T>(Run<T>) for the precision of x0.
template <class F>
auto with_run(const py::object& x0, const Limits& limits, bool history, F&& f) {
  const py::array any = real_array("x0", x0);
  if (any.dtype().kind() == 'f' && any.itemsize() == sizeof(float))
    return f.template operator()<float>(Run<float>(start<float>(any), limits, history));
  return f.template operator()<double>(Run<double>(start<double>(any), limits, history));
}

template <class... S>
AnySolver<S...> load_any(std::string_view bytes) {
  std::optional<AnySolver<S...>> out;
  const auto read = [&]<class One>() {
    if (!is_saved<One>(bytes)) return false;
    One one;
    load(one, bytes);
    out.emplace(std::move(one));
    return true;
  };
  using First = std::variant_alternative_t<0, std::variant<S...>>;
  if (!(read.template operator()<S>() || ...))
    throw std::invalid_argument("saved state: not a saved hessopt " + First::kind());
  return std::move(*out);
}

inline py::array_t<double> history_of(const std::vector<Record>& rows) {
  NewArray<double> out({static_cast<Index>(rows.size()), 5});
  double* to = out.data();
  for (const Record& row : rows)
    for (const double value : {row.f, row.norm, row.step, row.evaluations, row.seconds})
      *to++ = value;
  return out;
}

template <class... S>
py::class_<AnySolver<S...>> bind_solver(py::module_& m, const char* name) {
  using namespace py::literals;
  using Any = AnySolver<S...>;
  py::class_<Any> c(m, name);
  // A property that is read from the run, whatever its precision.
  const auto field = [&c](const char* property, auto get, const char* text) {
    c.def_property_readonly(
        property,
        [get](const Any& any) { return any.read([&](const auto& s) { return get(s.run()); }); },
        text);
  };
  c.def(
      "ask",
      [](const Any& any) {
        return any.read(
            [](const auto& s) -> py::array { return to_numpy(to_caller(s.run(), s.ask())); });
      },
      "The point to evaluate at, shape (n,); the best point once the run has ended.");
  c.def(
      "tell",
      [](Any& any, const py::object& f, const py::object& g, const py::object& residual,
         double error) {
        const double value = real_argument("f", f);
        return any.visit([&]<class One>(One& s) {
          const Index n = any.size();
          const VectorArgumentOf<typename One::Scalar> gradient("g", g, n);
          Vector sizes;
          if (!residual.is_none() && !s.run().variables().is_identity())
            sizes = VectorArgument("residual", residual, n / s.run().variables().block()).map();
          any.change([&] { tell_in_x(s, value, gradient.map(), sizes, error); });
          return static_cast<int>(s.needs());
        });
      },
      "f"_a, "g"_a, "residual"_a = py::none(), "error"_a = 0.0,
      "Report f and its gradient, shape (n,), at the point of the last `ask`. NaN and inf are "
      "allowed: the step is shortened. `residual`: on a model of rows whose columns the solver "
      "knows, the size of each output's, as from value_gradient_and_residual. "
      "`error`: of the largest component, where g comes from differences of f. Returns `needs`.");
  c.def(
      "_standardize",
      [](Any& any, const py::object& scale, const py::object& mean, double rows) {
        const auto vector = [](const char* name, const py::object& value) -> Vector {
          return VectorArgument(name, value, py::len(value)).map();
        };
        const Variables variables(vector("scale", scale), vector("mean", mean), rows);
        any.visit([&](auto& s) { any.change([&] { s.edit().change_variables(variables); }); });
        return variables.origin();
      },
      "scale"_a, "mean"_a, "rows"_a,
      "Before the start: work in the variables of columns of mean 0 and size 1. What is asked and "
      "told stays in those of the caller, but for Hessians where the origin that is returned, "
      "shape "
      "(p,), is not empty: these are to be told about it, see hessian_about.");
  c.def(
      "stop",
      [](Any& any) {
        any.visit([&](auto& s) { any.change([&] { s.edit().end(Status::callback); }); });
      },
      "End the run here, with status CALLBACK.");
  c.def(
      "_resume",
      [](Any& any, const Limits& limits) {
        any.visit([&](auto& s) { any.change([&] { s.resume(limits); }); });
      },
      "limits"_a);
  c.def(
      "repeat",
      [](Any& any, const py::object& f) {
        const double value = real_argument("f", f);
        any.visit([&](auto& s) { any.change([&] { s.edit().repeat(value); }); });
      },
      "f"_a,
      "Report f evaluated once more at `x`. Where it differs by more than rounding, the run ends "
      "with status NOT_REPEATABLE.");
  c.def(
      "spend",
      [](Any& any, Index evaluations, Index gradients) {
        any.visit([&](auto& s) { any.change([&] { s.edit().spend(evaluations, gradients); }); });
      },
      "evaluations"_a, "gradients"_a = 0,
      "Count evaluations of f and of its gradient beside those told, as differences take them.");
  if constexpr ((RefinableSolver<S> && ...)) {
    c.def(
        "refine",
        [](Any& any, const py::object& g, double error) {
          return any.visit([&]<class One>(One& s) {
            const VectorArgumentOf<typename One::Scalar> gradient("g", g, any.size());
            any.change([&] { s.refine(gradient.map(), error); });
            return static_cast<int>(s.needs());
          });
        },
        "g"_a, "error"_a = 0.0,
        "Report the gradient at `x`, shape (n,), found more accurately than before, with the "
        "`error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.");
  }
  c.def_property_readonly(
      "needs",
      [](const Any& any) {
        return any.read([](const auto& s) { return static_cast<int>(s.needs()); });
      },
      "What to tell next, at `ask()`: 0 nothing, 1 `tell`, 2 `tell_hessian`, 3 `tell_product` of "
      "the Hessian, 4 `tell_product` of the preconditioner.");
  c.def_property_readonly(
      "x",
      [](const Any& any) {
        return any.read([](const auto& s) -> py::array {
          return to_numpy(to_caller(s.run(), s.run().started() ? s.run().best().x : s.ask()));
        });
      },
      "The best point so far, shape (n,).");
  c.def_property_readonly(
      "jac",
      [](const Any& any) {
        return any.read([](const auto& s) -> py::array {
          const auto& best = s.run().best();
          return to_numpy(best.outer.size() > 0 ? best.outer : best.g);
        });
      },
      "The gradient at `x`, as it was told; empty before the first `tell`.");
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
      "message", [](const auto& r) { return r.stop().message(); },
      "The status in words, with the numbers that were compared.");
  field(
      "_history", [](const auto& r) { return history_of(r.history()); },
      "A row an iteration: f, max |g_i|, length of the step, evaluations, seconds.");
  c.def(py::pickle(
      [](const Any& any) { return any.read([](const auto& s) { return py::bytes(save(s)); }); },
      [](const py::bytes& bytes) { return load_any<S...>(std::string_view(bytes)); }));
  return c;
}

template <class Any>
void bind_products(py::class_<Any>& c) {
  using namespace py::literals;
  c.def_property_readonly(
      "operand",
      [](const Any& any) {
        return any.read([](const auto& s) { return to_numpy(operand_in_x(s)); });
      },
      "The vector to multiply, shape (n,), where `needs` is 3 or 4.");
  c.def(
      "tell_product",
      [](Any& any, const py::object& product) {
        return any.visit([&](auto& s) {
          const VectorArgument v("product", product, any.size());
          any.change([&] { tell_product_in_x(s, v.map()); });
          return static_cast<int>(s.needs());
        });
      },
      "product"_a,
      "Report the Hessian at `ask()`, or the preconditioner, times `operand`. Returns `needs`.");
}

template <class Any>
void bind_hessian(py::class_<Any>& c) {
  using namespace py::literals;
  c.def(
      "tell_hessian",
      [](Any& any, const py::object& h) {
        return any.visit([&](auto& s) {
          const SymmetricArgument hessian("H", h, any.size());
          any.change([&] { tell_hessian_in_x(s, hessian.map()); });
          return static_cast<int>(s.needs());
        });
      },
      "H"_a,
      "Report the Hessian, shape (n, n), at `ask()`. It is taken to be symmetric. Returns "
      "`needs`.");
  c.def_property_readonly(
      "nhev", [](const Any& any) { return any.read([](const auto& s) { return s.hessians(); }); },
      "Hessians told.");
  c.def_property_readonly(
      "n_factorizations",
      [](const Any& any) { return any.read([](const auto& s) { return s.factorizations(); }); },
      "Cholesky factorisations, the failed ones included.");
}

}  // namespace hessopt::bindings
