#include "objective.hpp"

#include <optional>
#include <string>

#include "hessopt/core/memory.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt::bindings {
namespace {

// For each entry of a Hessian: the result, the sum, and the sums that threads make.
std::size_t bytes_an_entry() {
  return sizeof(double) * static_cast<std::size_t>(2 + max_threads());
}

}  // namespace

Evaluation evaluate_with_hessian(const EvaluatedObjective& f, ConstVectorRef x,
                                 const Request& request) {
  const Index n = f.n_parameters();
  return naming_memory("Hessian", n, n, bytes_an_entry(), [&] {
    const LongCall call;
    return f.evaluate(x, request);
  });
}

py::tuple value_and_gradient(const EvaluatedObjective& f, const py::object& x) {
  const VectorArgument at("x", x, f.n_parameters());
  NewArray<double> gradient({f.n_parameters()});
  auto g = gradient.vector();
  double value;
  {
    const LongCall call;
    value = f.value_and_gradient(at.map(), g);
  }
  return py::make_tuple(value, py::array_t<double>(gradient));
}

py::array_t<double> hessian(const EvaluatedObjective& f, const py::object& x) {
  const Index n = f.n_parameters();
  const VectorArgument at("x", x, n);
  return naming_memory("Hessian", n, n, bytes_an_entry(), [&]() -> py::array_t<double> {
    NewArray<double> out({n, n});
    auto h = out.symmetric();
    {
      const LongCall call;
      f.hessian(at.map(), h);
    }
    return out;
  });
}

py::array_t<double> hessp(const EvaluatedObjective& f, const py::object& x, const py::object& v) {
  const VectorArgument at("x", x, f.n_parameters()), along("v", v, f.n_parameters());
  NewArray<double> out({f.n_parameters()});
  auto product = out.vector();
  {
    const LongCall call;
    f.hessp(at.map(), along.map(), product);
  }
  return out;
}

py::tuple evaluate(const EvaluatedObjective& f, const py::object& x, const py::object& gradient,
                   const py::object& hessian, const py::object& along, const py::object& rough) {
  const Index n = f.n_parameters();
  const VectorArgument at("x", x, n);
  Request request{.gradient = flag_argument("gradient", gradient),
                  .hessian = flag_argument("hessian", hessian),
                  .rough = flag_argument("rough", rough)};
  if (!along.is_none()) request.along = columns_argument("V", along, n);
  const Index cols = request.hessian ? n : 1 + request.along.cols();
  std::optional<Evaluation> found;
  naming_memory("f and its derivatives", n, cols, bytes_an_entry(), [&] {
    const LongCall call;
    found = f.evaluate(at.map(), request);
  });
  const auto part = [](const auto& m, bool wanted) -> py::object {
    return wanted ? to_numpy(m) : py::object(py::none());
  };
  return py::make_tuple(found->value, part(found->gradient, request.gradient),
                        part(found->hessian, request.hessian),
                        part(found->products, !along.is_none()));
}

}  // namespace hessopt::bindings
