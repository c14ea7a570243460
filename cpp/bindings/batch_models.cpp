// Models of many problems, and covariances of their estimates, as Python objects.
#include "batches.hpp"
#include "floors.hpp"
#include "hessopt/batched/batch_model.hpp"
#include "hessopt/batched/covariances.hpp"
#include "stacks.hpp"

namespace hessopt::bindings {
namespace {

BatchData data_of_problems(const py::array& x, const py::array& y, const py::array& weight,
                           const py::array& offset, const py::array& l2, bool intercept) {
  const auto rows_of = [](const py::array& a) {
    return a.size() == 0 ? RowMatrix() : RowMatrix(matrix_copy(matrix_view<double>(a)));
  };
  BatchData out{{},        rows_of(y), rows_of(weight), rows_of(offset), vector_copy<double>(l2),
                intercept, owner_of(x)};
  dispatch(x, [&]<class T>() { out.rows = stack_view<T>(x); });
  return out;
}

py::tuple evaluate(const BatchModel& model, const py::object& x, const py::object& index,
                   bool hessian) {
  const std::vector<Index> problems = indices_argument("index", index);
  for (const Index p : problems)
    if (p < 0 || p >= model.problems())
      throw ArgumentError("index", std::to_string(p),
                          "indices in [0, " + std::to_string(model.problems()) + ")");
  const FoundArray at("X", x, 2);
  const Index count = std::ssize(problems), n = model.parameters();
  at.require({count, n});
  NewArray<double> f({count}), g({count, n}), h({hessian ? count : 0, n, n});
  double *to_f = f.data(), *to_g = g.data(), *to_h = hessian ? h.data() : nullptr;
  {
    const LongCall call;
    model.evaluate(problems.data(), count, at.data(), to_f, to_g, to_h);
  }
  const py::array_t<double> values = f, gradients = g, hessians = h;
  if (!hessian) return py::make_tuple(values, gradients);
  return py::make_tuple(values, gradients, hessians);
}

template <class B>
void run(const BatchModel& model, BatchObject<B>& o, Index count) {
  o.change(running(o), [&](B& batch) {
    const Interruptible interruptible;
    model.run(batch, count);
  });
}

}  // namespace

void bind_batch_models(py::module_& m) {
  using namespace py::literals;
  m.def(
      "batch_covariances",
      [](const py::object& r, const py::object& j, const py::array& free, const py::array& found,
         bool is_absolute) {
        const FoundArray residuals("r", r, 2), jacobians("J", j, 3);
        const Elements<const bool> is_free(free, 2), is_found(found, 1);
        const Index b = residuals.size(0), size = residuals.size(1), n = is_free.size(1);
        jacobians.require({b, size, n});
        require_size("free", is_free.size(0), b);
        require_size("found", is_found.size(0), b);
        NewArray<double> out({b, n, n});
        double* to = out.data();
        const SquaresAt at{b,
                           size,
                           n,
                           residuals.data(),
                           jacobians.data(),
                           is_free.in_c_order(),
                           is_found.in_c_order()};
        {
          const LongCall call;
          batch_covariances(at, is_absolute, to);
        }
        return py::array_t<double>(out);
      },
      "r"_a, "J"_a, "free"_a, "found"_a, "is_absolute"_a);
  py::class_<BatchModel>(m, "BatchModel")
      .def(py::init([](const std::string& loss, const std::vector<double>& parameters,
                       const py::array& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, bool fit_intercept) {
             return BatchModel(AnyLoss(loss, parameters),
                               data_of_problems(x, y, weight, offset, l2, fit_intercept));
           }),
           "loss"_a, "parameters"_a, "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a,
           "fit_intercept"_a)
      .def(
          "evaluate", &evaluate, "X"_a, "index"_a, "hessian"_a,
          "Values, gradients and, if asked for, Hessians of the problems `index` at the rows of X.")
      .def("run_problems", &run<NewtonBatch>, "state"_a, "count"_a)
      .def("run_problems", &run<QuasiNewtonBatch>, "state"_a, "count"_a,
           "Run the first `count` problems of a state that have not ended to their ends.")
      .def_property_readonly("n_problems", &BatchModel::problems, "B.")
      .def_property_readonly("n_parameters", &BatchModel::parameters, "Length of x of each.");
}

}  // namespace hessopt::bindings
