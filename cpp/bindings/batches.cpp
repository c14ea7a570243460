// Batches of small problems as Python objects: one shape for all kinds, which differ in what they
// are told.
#include "batches.hpp"
#include "floors.hpp"
#include "hessopt/batched/newton_batch.hpp"
#include "hessopt/batched/quasi_newton_batch.hpp"
#include "hessopt/batched/squares_batch.hpp"

namespace hessopt::bindings {
namespace {

// Where in what was told the problems that run are.
class PlacesArgument {
 public:
  PlacesArgument(const py::object& value, Index running, Index told) {
    if (value.is_none()) return;
    rows_ = indices_argument("rows", value);
    require_size("rows", std::ssize(rows_), running);
    for (const Index row : rows_)
      if (row < 0 || row >= told)
        throw ArgumentError("rows", std::to_string(row),
                            "indices in [0, " + std::to_string(told) + ")");
    is_given_ = true;
  }
  FoundRows rows() const { return {is_given_ ? rows_.data() : nullptr}; }

 private:
  std::vector<Index> rows_;
  bool is_given_ = false;
};

RowMatrix bounds_argument(const char* name, const py::object& value) {
  if (value.is_none()) return {};
  return matrix_copy(matrix_view<double>(in_c_order<double>(real_array(name, value))));
}

BatchOptions options(const py::object& lower, const py::object& upper, double gtol, Index maxiter) {
  return {bounds_argument("lower", lower), bounds_argument("upper", upper), gtol, maxiter};
}

RowMatrix starts(const py::object& x0) {
  return matrix_copy(matrix_view<double>(in_c_order<double>(real_array("X0", x0))));
}

py::array_t<double> to_numpy(const RowMatrix& rows) {
  NewArray<double> out({rows.rows(), rows.cols()});
  out.matrix() = rows;
  return out;
}

// One number of each problem.
template <class T, class F>
py::array_t<T> each(const Batch& batch, F&& f) {
  NewArray<T> out({batch.problems()});
  T* to = out.data();
  for (const Progress& one : batch.progress()) *to++ = f(one);
  return out;
}

template <class B>
py::class_<BatchObject<B>> bind_batch(py::module_& m, const char* name) {
  using Object = BatchObject<B>;
  py::class_<Object> c(m, name);
  const auto field = [&c](const char* field_name, auto get, const char* text) {
    c.def_property_readonly(field_name, [get](const Object& o) { return o.read(get); }, text);
  };
  c.def(
      "ask", [](const Object& o) { return o.read([](const B& b) { return to_numpy(b.ask()); }); },
      "The points to evaluate at, shape (b, n): of the problems in `index`.");
  c.def(
      "stop", [](Object& o) { o.change(running(o), [](B& b) { b.stop(); }); },
      "End those that run, with status CALLBACK.");
  field(
      "index",
      [](const B& b) {
        NewArray<Index> out({std::ssize(b.running())});
        std::copy(b.running().begin(), b.running().end(), out.data());
        return py::array_t<Index>(out);
      },
      "The problems that run, ascending, shape (b,).");
  field("done", [](const B& b) { return b.done(); }, "Whether all have ended.");
  field("n_problems", [](const B& b) { return b.problems(); }, "B.");
  field("n_parameters", [](const B& b) { return b.parameters(); }, "n.");
  field("x", [](const B& b) { return to_numpy(b.x()); }, "The points come to, shape (B, n).");
  field(
      "jac", [](const B& b) { return to_numpy(b.gradient()); },
      "The gradients there, shape (B, n).");
  field(
      "fun", [](const B& b) { return each<double>(b, [](const Progress& p) { return p.f; }); },
      "The values there, shape (B,).");
  field(
      "optimality",
      [](const B& b) { return each<double>(b, [](const Progress& p) { return p.size; }); },
      "What `gtol` is held against, shape (B,).");
  field(
      "status",
      [](const B& b) {
        return each<std::int32_t>(
            b, [](const Progress& p) { return static_cast<std::int32_t>(p.status); });
      },
      "Why each has ended, numbers of `Status`, −1 while it runs, shape (B,).");
  field(
      "success",
      [](const B& b) {
        return each<bool>(b, [](const Progress& p) { return is_success(p.status); });
      },
      "Whether each has ended at a minimum, as far as was told, shape (B,).");
  field(
      "nit",
      [](const B& b) { return each<Index>(b, [](const Progress& p) { return p.iterations; }); },
      "Iterations of each: accepted steps, shape (B,).");
  field(
      "nfev",
      [](const B& b) { return each<Index>(b, [](const Progress& p) { return p.evaluations; }); },
      "Evaluations of each, shape (B,).");
  field(
      "active",
      [](const B& b) {
        NewArray<int> out({b.problems(), b.parameters()});
        int* to = out.data();
        for (Index p = 0; p < b.problems(); ++p)
          for (Index i = 0; i < b.parameters(); ++i) *to++ = b.active(p, i);
        return py::array_t<int>(out);
      },
      "−1, 1 on a lower, upper bound that holds x back, else 0, shape (B, n).");
  field(
      "free",
      [](const B& b) {
        NewArray<bool> out({b.problems(), b.parameters()});
        bool* to = out.data();
        for (Index p = 0; p < b.problems(); ++p)
          for (Index i = 0; i < b.parameters(); ++i) *to++ = b.is_inside(p, i);
        return py::array_t<bool>(out);
      },
      "Whether each variable lies on no bound, shape (B, n).");
  c.def(py::pickle(
      [](const Object& o) { return o.read([](const B& b) { return py::bytes(save(b)); }); },
      [](const py::bytes& bytes) {
        Object o;
        load(o.batch, std::string_view(bytes));
        return o;
      }));
  return c;
}

}  // namespace

void bind_batches(py::module_& m) {
  using namespace py::literals;
  m.def(
      "batch_message", [](Status status) { return Batch::message(status); }, "status"_a,
      "A status of a problem of a batch in words.");

  using Newton = BatchObject<NewtonBatch>;
  bind_batch<NewtonBatch>(m, "BatchNewton")
      .def(py::init([](const py::object& x0, const py::object& lower, const py::object& upper,
                       double gtol, Index maxiter) {
             return Newton{{starts(x0), options(lower, upper, gtol, maxiter)}, {}};
           }),
           "X0"_a, "lower"_a, "upper"_a, "gtol"_a, "maxiter"_a)
      .def(
          "tell",
          [](Newton& o, const py::object& f, const py::object& g, const py::object& h,
             const py::object& rows) {
            const FoundArray values("f", f, 1), gradients("g", g, 2), hessians("H", h, 3);
            const Index n = o.batch.parameters(), b = running(o);
            const Index told = rows.is_none() ? b : values.size(0);
            values.require({told});
            gradients.require({told, n});
            hessians.require({told, n, n});
            const PlacesArgument at(rows, b, told);
            o.change(b, [&](NewtonBatch& batch) {
              batch.tell(values.data(), gradients.data(), hessians.data(), at.rows());
            });
          },
          "f"_a, "g"_a, "H"_a, "rows"_a = py::none(),
          "Report values, shape (b,), gradients, shape (b, n), and Hessians, shape (b, n, n), of "
          "which the lower triangles are read, at the points of the last `ask`. NaN and inf are "
          "allowed: the step is shortened. `rows`: where in arrays of more problems those of "
          "`index` are.");

  using Squares = BatchObject<SquaresBatch>;
  bind_batch<SquaresBatch>(m, "BatchLevenbergMarquardt")
      .def(py::init([](const py::object& x0, const py::object& lower, const py::object& upper,
                       double gtol, Index maxiter) {
             return Squares{{starts(x0), options(lower, upper, gtol, maxiter)}, {}};
           }),
           "X0"_a, "lower"_a, "upper"_a, "gtol"_a, "maxiter"_a)
      .def(
          "tell",
          [](Squares& o, const py::object& r, const py::object& j, const py::object& rows) {
            const FoundArray residuals("r", r, 2), jacobians("J", j, 3);
            const Index n = o.batch.parameters(), b = running(o), m = residuals.size(1);
            const Index told = rows.is_none() ? b : residuals.size(0);
            residuals.require({told, m});
            jacobians.require({told, m, n});
            const PlacesArgument at(rows, b, told);
            o.change(b, [&](SquaresBatch& batch) {
              batch.tell(m, residuals.data(), jacobians.data(), at.rows());
            });
          },
          "r"_a, "J"_a, "rows"_a = py::none(),
          "Report residuals, shape (b, m), and Jacobians, shape (b, m, n), at the points of the "
          "last `ask`. NaN and inf are allowed: the step is shortened. `rows`: where in arrays of "
          "more problems those of `index` are.");

  using QuasiNewton = BatchObject<QuasiNewtonBatch>;
  bind_batch<QuasiNewtonBatch>(m, "BatchQuasiNewton")
      .def(py::init([](const py::object& x0, const py::object& lower, const py::object& upper,
                       double gtol, Index maxiter, Index memory) {
             return QuasiNewton{{starts(x0), options(lower, upper, gtol, maxiter), memory}, {}};
           }),
           "X0"_a, "lower"_a, "upper"_a, "gtol"_a, "maxiter"_a, "memory"_a)
      .def(
          "tell",
          [](QuasiNewton& o, const py::object& f, const py::object& g, const py::object& rows) {
            const FoundArray values("f", f, 1), gradients("g", g, 2);
            const Index n = o.batch.parameters(), b = running(o);
            const Index told = rows.is_none() ? b : values.size(0);
            values.require({told});
            gradients.require({told, n});
            const PlacesArgument at(rows, b, told);
            o.change(b, [&](QuasiNewtonBatch& batch) {
              batch.tell(values.data(), gradients.data(), at.rows());
            });
          },
          "f"_a, "g"_a, "rows"_a = py::none(),
          "Report values, shape (b,), and gradients, shape (b, n), at the points of the last "
          "`ask`. NaN and inf are allowed: the step is shortened. `rows`: where in arrays of more "
          "problems those of `index` are.");
}

}  // namespace hessopt::bindings
