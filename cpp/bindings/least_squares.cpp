#include <limits>

#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/linalg/linear_fit.hpp"
#include "hessopt/linalg/squares_covariance.hpp"
#include "hessopt/solvers/levenberg_marquardt.hpp"
#include "in_use.hpp"

namespace hessopt::bindings {
namespace {

// A run as Python has it: many threads may look, one may tell.
struct SquaresObject {
  LevenbergMarquardt run;
  InUse in_use;

  template <class F>
  auto read(F&& f) const {
    const InUse::Reading reading(in_use);
    return f(run);
  }
  template <class F>
  int change(F&& f) {
    {
      const InUse::Changing changing(in_use);
      const py::gil_scoped_release release;
      f(run);
    }
    return static_cast<int>(run.needs());
  }
};

// A matrix in C order, kept alive by this object.
struct RowsArgument {
  RowsArgument(const char* name, const py::object& value) : array(real_array(name, value)) {
    if (array.ndim() != 2) throw ArgumentError(name, "shape " + shape_text(array), "shape (m, n)");
    array = in_c_order<double>(array);
  }
  Eigen::Map<const RowMatrix> map() const {
    return {Elements<const double>(array).data(), array.shape(0), array.shape(1)};
  }

  py::array array;
};

Vector vector_of(const char* name, const py::object& value, Index size) {
  return VectorArgument(name, value, size).map();
}
// Of any length.
Vector vector_of(const char* name, const py::object& value) {
  const py::array any = real_array(name, value);
  return vector_of(name, any, any.ndim() == 1 ? any.shape(0) : -1);
}

py::tuple linear_fit_numpy(const py::array& a, const py::array& b, double error) {
  const auto columns = matrix_view<double>(a), targets = matrix_view<double>(b);
  LinearFit fit;
  {
    const LongCall call;
    fit = linear_fit(matrix_copy(columns), matrix_copy(targets), error);
  }
  return py::make_tuple(to_numpy(fit.coefficients), to_numpy(fit.remainder), fit.rank);
}

py::tuple squares_covariance_numpy(const py::array& triangle, const py::array& free, double error) {
  const auto r = matrix_view<double>(triangle);
  const auto flags = py::cast<std::vector<bool>>(free);
  SquaresCovariance found;
  {
    const LongCall call;
    found = squares_covariance(matrix_copy(r), flags, error);
  }
  return py::make_tuple(to_numpy(found.matrix), found.rank, to_numpy(found.null_space));
}

}  // namespace

void bind_least_squares(py::module_& m) {
  using namespace py::literals;
  m.def("linear_fit", &linear_fit_numpy, "A"_a, "b"_a, "error"_a,
        "Of min |A c - b| for every column of b: c, what is left of b, and the rank of A.");
  m.def("squares_covariance", &squares_covariance_numpy, "triangle"_a, "free"_a, "error"_a,
        "(J'J)^-1 of J = QR, R being the triangle, of what is free: inf on the diagonal and NaN "
        "beside it of parameters that the data leave open, NaN of those that are not free; the "
        "rank, smaller singular values than `error` being none; and directions of length 1 that "
        "change no residual, a column each.");
  py::class_<SquaresObject> c(m, "LevenbergMarquardt");
  c.def(py::init([](const py::object& x0, const py::object& lower, const py::object& upper,
                    const py::object& scale, bool accelerate, double error, double gtol,
                    double xtol, double ftol, Index max_nfev) {
          const Vector start = vector_of("x0", x0);
          const Index n = start.size();
          SquaresOptions options{vector_of("lower", lower, n),
                                 vector_of("upper", upper, n),
                                 scale.is_none() ? Vector() : vector_of("x_scale", scale, n),
                                 accelerate,
                                 error,
                                 gtol,
                                 xtol,
                                 ftol,
                                 max_nfev};
          return SquaresObject{{start, std::move(options)}, {}};
        }),
        "x0"_a, "lower"_a, "upper"_a, "scale"_a, "accelerate"_a, "error"_a, "gtol"_a, "xtol"_a,
        "ftol"_a, "max_nfev"_a);
  c.def(
      "ask",
      [](const SquaresObject& o) {
        return o.read([](const auto& r) { return to_numpy(r.ask()); });
      },
      "The point to evaluate at, shape (n,); that of the result once the run has ended.");
  c.def(
      "tell",
      [](SquaresObject& o, const py::object& r, const py::object& rho, double f_scale) {
        const Vector residuals = vector_of("r", r);
        Matrix of_loss;
        if (!rho.is_none()) of_loss = RowsArgument("rho", rho).map().transpose();
        return o.change([&](auto& run) { run.tell(residuals, of_loss, f_scale); });
      },
      "r"_a, "rho"_a = py::none(), "f_scale"_a = 1.0,
      "Report the residuals, shape (m,), at the point of the last `ask`. NaN and inf are allowed: "
      "the step is shortened. `rho`: of a robust loss, shape (3, m): rho and its first and second "
      "derivative at (r / f_scale)². Returns `needs`.");
  c.def(
      "tell_jacobian",
      [](SquaresObject& o, const py::object& j) {
        const RowsArgument jacobian("J", j);
        return o.change([&](auto& run) { run.tell_jacobian(jacobian.map()); });
      },
      "J"_a, "Report dr/dx, shape (m, n), at the point of the last `ask`. Returns `needs`.");
  c.def(
      "stop", [](SquaresObject& o) { o.change([](auto& run) { run.stop(); }); },
      "End the run here, with status CALLBACK.");
  const auto field = [&c](const char* name, auto get, const char* text) {
    c.def_property_readonly(name, [get](const SquaresObject& o) { return o.read(get); }, text);
  };
  field(
      "needs", [](const auto& r) { return static_cast<int>(r.needs()); },
      "What to tell next, at `ask()`: 0 nothing, 1 `tell`, 2 `tell_jacobian`.");
  field("x", [](const auto& r) { return to_numpy(r.x()); }, "The point come to, shape (n,).");
  field("cost", [](const auto& r) { return r.cost(); }, "f at `x`: half of the sum of squares.");
  field(
      "grad", [](const auto& r) { return to_numpy(r.gradient()); },
      "The gradient of `cost` where the last Jacobian was told, shape (n,).");
  field(
      "triangle", [](const auto& r) { return to_numpy(r.triangle()); },
      "R of J = QR, with the weights of a loss, shape (n, n); empty before the first Jacobian.");
  field(
      "weights", [](const auto& r) { return to_numpy(r.weights()); },
      "Of the rows of J at `x`, where there is a loss, shape (m,); else empty.");
  field("start", [](const auto& r) { return to_numpy(r.start()); }, "x0 within the bounds.");
  field("lower", [](const auto& r) { return to_numpy(r.lower()); }, "Lower bounds, shape (n,).");
  field("upper", [](const auto& r) { return to_numpy(r.upper()); }, "Upper bounds, shape (n,).");
  field(
      "optimality", [](const auto& r) { return r.optimality(); },
      "The largest cosine of the residuals with a column of the Jacobian that may move.");
  field("done", [](const auto& r) { return r.done(); }, "Whether the run has ended.");
  field("nit", [](const auto& r) { return r.iterations(); }, "Iterations: accepted steps.");
  field("nfev", [](const auto& r) { return r.evaluations(); }, "Residuals told.");
  field("njev", [](const auto& r) { return r.jacobians(); }, "Jacobians told.");
  field("status", [](const auto& r) { return r.why().status; }, "Why the run ended, or RUNNING.");
  field(
      "success", [](const auto& r) { return is_success(r.why().status); },
      "Whether it ended at a minimum, as far as residuals and Jacobian tell.");
  field(
      "message", [](const auto& r) { return r.message(); },
      "The status in words, with the numbers that were compared.");
  c.def(py::pickle(
      [](const SquaresObject& o) {
        return o.read([](const auto& r) { return py::bytes(save(r)); });
      },
      [](const py::bytes& bytes) {
        SquaresObject o;
        load(o.run, std::string_view(bytes));
        return o;
      }));
}

}  // namespace hessopt::bindings
