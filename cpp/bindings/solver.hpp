// Solvers as Python objects: what all have, and one class over the precisions of each.
#pragma once

#include <optional>
#include <variant>

#include "arguments.hpp"
#include "hessopt/solvers/solver.hpp"
#include "in_use.hpp"

namespace hessopt::bindings {

// A solver as Python sees it, whatever its kind and precision.
class SolverObject {
 public:
  virtual ~SolverObject() = default;

  // Of its parameters; known without reading the state.
  Index size() const { return size_; }
  // Before the start: those of a plane, by whose z the run begins.
  void set_size(Index size) { size_ = size; }

  // f(), which only reads.
  template <class F>
  decltype(auto) reading(F&& f) const {
    const InUse::Reading reading(in_use_);
    return f();
  }
  // f() without the GIL, which may change it. What runs code of the caller's, as to convert an
  // argument does, comes before. Arguments are refused before anything is changed; what fails
  // later, for want of memory, leaves a state that is of no use.
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

  // Of the state as it is: within `reading` or `change`.
  virtual std::variant<const Run<double>*, const Run<float>*> run() const = 0;
  virtual std::variant<Run<double>*, Run<float>*> edit() = 0;
  virtual void resume(const Limits& limits) = 0;
  virtual py::array asked() const = 0;

  virtual Need needs() const = 0;
  virtual void tell(double f, const py::object& g, const py::object& residual, double error,
                    double rounding) = 0;

 protected:
  explicit SolverObject(Index size) : size_(size) {}
  SolverObject(SolverObject&&) = default;

 private:
  Index size_;
  InUse in_use_;
};

// Its kind, in the precisions that there are.
template <Solver... S>
class AnySolver final : public SolverObject {
 public:
  template <Solver One>
  AnySolver(One solver)
      : SolverObject(solver.run().variables().size_of_x(solver.ask().size())),
        it_(std::move(solver)) {}

  // f(solver), which is only read.
  template <class F>
  decltype(auto) read(F&& f) const {
    return reading([&]() -> decltype(auto) { return std::visit(std::forward<F>(f), it_); });
  }
  // f(solver), which may change it in `change`.
  template <class F>
  decltype(auto) visit(F&& f) {
    return std::visit(std::forward<F>(f), it_);
  }

  std::variant<const Run<double>*, const Run<float>*> run() const override {
    return std::visit(
        [](const auto& s) -> std::variant<const Run<double>*, const Run<float>*> {
          return &s.run();
        },
        it_);
  }
  std::variant<Run<double>*, Run<float>*> edit() override {
    return std::visit([](auto& s) -> std::variant<Run<double>*, Run<float>*> { return &s.edit(); },
                      it_);
  }
  void resume(const Limits& limits) override {
    std::visit([&](auto& s) { s.resume(limits); }, it_);
  }
  py::array asked() const override {
    return std::visit(
        [](const auto& s) -> py::array { return to_numpy(to_caller(s.run(), s.ask())); }, it_);
  }
  Need needs() const override {
    return std::visit([](const auto& s) { return s.needs(); }, it_);
  }
  void tell(double f, const py::object& g, const py::object& residual, double error,
            double rounding) override {
    visit([&]<class One>(One& s) {
      const VectorArgumentOf<typename One::Scalar> gradient("g", g, size());
      Vector sizes;
      if (!residual.is_none() && s.run().variables().are_of_columns())
        sizes = VectorArgument("residual", residual, size() / s.run().variables().block()).map();
      change([&] { tell_in_x(s, f, gradient.map(), sizes, error, rounding); });
    });
  }

 private:
  std::variant<S...> it_;
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

template <class Any>
void bind_refine(py::class_<Any, SolverObject>& c) {
  using namespace py::literals;
  c.def(
      "refine",
      [](Any& any, const py::object& g, double error) {
        return any.visit([&]<class One>(One& s) {
          const VectorArgumentOf<typename One::Scalar> gradient("g", g, any.size());
          any.change([&] { refine_in_x(s, gradient.map(), error); });
          return static_cast<int>(s.needs());
        });
      },
      "g"_a, "error"_a = 0.0,
      "Report the gradient at `x`, shape (n,), found more accurately than before, with the "
      "`error` of `tell`: the run goes on from there, even if it has ended. Returns `needs`.");
}

// A class with what it has of its own kind; all else is SolverObject's.
template <class... S>
py::class_<AnySolver<S...>, SolverObject> bind_solver(py::module_& m, const char* name) {
  using Any = AnySolver<S...>;
  py::class_<Any, SolverObject> c(m, name);
  if constexpr ((RefinableSolver<S> && ...)) bind_refine(c);
  c.def(py::pickle(
      [](const Any& any) { return any.read([](const auto& s) { return py::bytes(save(s)); }); },
      [](const py::bytes& bytes) { return load_any<S...>(std::string_view(bytes)); }));
  return c;
}

template <class Any>
void bind_products(py::class_<Any, SolverObject>& c) {
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
void bind_hessian(py::class_<Any, SolverObject>& c) {
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

// Of solvers with an l1 term.
template <class Any>
void bind_l1(py::class_<Any, SolverObject>& c) {
  c.def_property_readonly(
      "l1",
      [](const Any& any) {
        return any.read([](const auto& s) { return to_numpy(s.penalty().strengths()); });
      },
      "The strength of the l1 term of each parameter, shape (n,).");
  c.def_property_readonly(
      "n_nonzero",
      [](const Any& any) { return any.read([](const auto& s) { return s.n_nonzero(); }); },
      "How many parameters with l1 > 0 are not 0 at `x`.");
}

// The diagonal of a preconditioner, or nothing.
inline Vector diagonal(const py::object& value, Index size) {
  return value.is_none() ? Vector() : Vector(VectorArgument("preconditioner", value, size).map());
}

// The kinds of solvers, a file each.
void bind_quasi_newton(py::module_& m);
void bind_second_order(py::module_& m);
void bind_fixed_rate(py::module_& m);

}  // namespace hessopt::bindings
