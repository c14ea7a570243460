// The methods that every compiled objective has in Python, and the rows it may have.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "arguments.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/objectives/dense_rows.hpp"
#include "hessopt/objectives/objective.hpp"

namespace hessopt::bindings {

// The row sources as one type: a choice per block costs nothing, a model compiled per source does.
class AnyRows {
 public:
  AnyRows(DenseRows rows) : rows_(std::move(rows)) {}
  AnyRows(NoisyRows rows) : rows_(std::move(rows)) {}

  Index rows() const {
    return std::visit([](const auto& r) { return r.rows(); }, rows_);
  }
  Index cols() const {
    return std::visit([](const auto& r) { return r.cols(); }, rows_);
  }
  Index samples() const {
    return std::visit([](const auto& r) { return r.samples(); }, rows_);
  }
  AnyRowBlock block(Index begin, Index count, Index sample, RowBuffer& buffer) const {
    return std::visit(
        [&](const auto& r) -> AnyRowBlock { return r.block(begin, count, sample, buffer); }, rows_);
  }
  AnyRows every(Index step) const {
    return std::visit([&](const auto& r) { return AnyRows(r.every(step)); }, rows_);
  }
  // The rows before any noise was put on them.
  const DenseRows& dense() const {
    const auto* plain = std::get_if<DenseRows>(&rows_);
    return plain != nullptr ? *plain : std::get<NoisyRows>(rows_).dense();
  }

 private:
  std::variant<DenseRows, NoisyRows> rows_;
};

// For each entry of a Hessian: the result, the sum, and the sums that threads make.
inline std::size_t bytes_an_entry() {
  return sizeof(double) * static_cast<std::size_t>(2 + max_threads());
}

template <class Model>
  requires Objective<Model>
py::class_<Model> bind_objective(py::module_& m, const char* name) {
  using namespace py::literals;
  return py::class_<Model>(m, name)
      .def_property_readonly("n_parameters", &Model::n_parameters, "Length of x.")
      .def(
          "value_and_gradient",
          [](const Model& f, const py::object& x) {
            const VectorArgument at("x", x, f.n_parameters());
            NewArray<double> gradient({f.n_parameters()});
            auto g = gradient.vector();
            double value;
            {
              const LongCall call;
              value = f.value_and_gradient(at.map(), g);
            }
            return py::make_tuple(value, py::array_t<double>(gradient));
          },
          "x"_a, "f(x) and its gradient, shape (n_parameters,), from one pass over the data.")
      .def(
          "hessian",
          [](const Model& f, const py::object& x) -> py::array_t<double> {
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
          },
          "x"_a, "The Hessian at x, shape (n_parameters, n_parameters).")
      .def(
          "hessp",
          [](const Model& f, const py::object& x, const py::object& v) -> py::array_t<double> {
            const VectorArgument at("x", x, f.n_parameters()), along("v", v, f.n_parameters());
            NewArray<double> out({f.n_parameters()});
            auto product = out.vector();
            {
              const LongCall call;
              f.hessp(at.map(), along.map(), product);
            }
            return out;
          },
          "x"_a, "v"_a, "The Hessian at x times v, shape (n_parameters,), without the Hessian.")
      .def(
          "evaluate",
          [](const Model& f, const py::object& x, const py::object& gradient,
             const py::object& hessian, const py::object& along, const py::object& precision) {
            const Index n = f.n_parameters();
            const VectorArgument at("x", x, n);
            const bool rough = precision.equal(py::str("float32"));
            if (!rough && !precision.equal(py::str("float64")))
              throw ArgumentError("precision", py::repr(precision), "'float64' or 'float32'");
            Request request{.gradient = flag_argument("gradient", gradient),
                            .hessian = flag_argument("hessian", hessian),
                            .single_precision = rough};
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
          },
          "x"_a, py::kw_only(), "gradient"_a = true, "hessian"_a = false, "V"_a = py::none(),
          "precision"_a = "float64",
          "(f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. "
          "`V`: shape (n_parameters, k). `precision`: 'float32' for the products of the Hessian, "
          "which are summed in float64; the rest stays in float64. Where the CPU has tile units "
          "(AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an "
          "entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.");
}

}  // namespace hessopt::bindings
