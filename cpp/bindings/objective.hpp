// The methods that every compiled objective has in Python, and the rows it may have.
#pragma once

#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <variant>

#include "arrays.hpp"
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
            py::array_t<double> gradient(f.n_parameters());
            Eigen::Map<Vector> g(gradient.mutable_data(), gradient.size());
            double value;
            {
              const LongCall call;
              value = f.value_and_gradient(at.map(), g);
            }
            return py::make_tuple(value, gradient);
          },
          "x"_a, "f(x) and its gradient, shape (n_parameters,), from one pass over the data.")
      .def(
          "hessian",
          [](const Model& f, const py::object& x) {
            const Index n = f.n_parameters();
            const VectorArgument at("x", x, n);
            py::array_t<double> out({n, n});
            Eigen::Map<Matrix> h(out.mutable_data(), n, n);  // symmetric: C order is Fortran order
            const LongCall call;
            naming_memory("Hessian", n, n, sizeof(double), [&] { f.hessian(at.map(), h); });
            return out;
          },
          "x"_a, "The Hessian at x, shape (n_parameters, n_parameters).")
      .def(
          "hessp",
          [](const Model& f, const py::object& x, const py::object& v) {
            const VectorArgument at("x", x, f.n_parameters()), along("v", v, f.n_parameters());
            py::array_t<double> out(f.n_parameters());
            Eigen::Map<Vector> product(out.mutable_data(), out.size());
            const LongCall call;
            f.hessp(at.map(), along.map(), product);
            return out;
          },
          "x"_a, "v"_a, "The Hessian at x times v, shape (n_parameters,), without the Hessian.")
      .def(
          "evaluate",
          [](const Model& f, const py::object& x, bool gradient, bool hessian,
             const std::optional<py::array_t<double, py::array::f_style>>& along,
             const std::string& precision) {
            const VectorArgument at("x", x, f.n_parameters());
            require(precision == "float64" || precision == "float32", "precision",
                    '\'' + precision + '\'', "'float64' or 'float32'");
            Request request{.gradient = gradient,
                            .hessian = hessian,
                            .single_precision = precision == "float32"};
            if (along) {
              if (along->ndim() != 2 || along->shape(0) != f.n_parameters())
                throw ArgumentError("V", "shape " + shape_text(*along),
                                    "shape (" + std::to_string(f.n_parameters()) + ", k)");
              request.along =
                  Eigen::Map<const Matrix>(along->data(), along->shape(0), along->shape(1));
            }
            std::optional<Evaluation> found;
            {
              const LongCall call;
              const Index cols = hessian ? f.n_parameters() : 1 + request.along.cols();
              naming_memory("f and its derivatives", f.n_parameters(), cols, sizeof(double),
                            [&] { found = f.evaluate(at.map(), request); });
            }
            const auto part = [](const auto& m, bool wanted) -> py::object {
              return wanted ? py::cast(m) : py::none();
            };
            return py::make_tuple(found->value, part(found->gradient, gradient),
                                  part(found->hessian, hessian),
                                  part(found->products, along.has_value()));
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
