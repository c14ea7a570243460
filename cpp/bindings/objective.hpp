// The four methods that every compiled objective has in Python, and the rows it may have.
#pragma once

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
  AnyRows(DroppedRows rows) : rows_(std::move(rows)) {}

  Index rows() const {
    return std::visit([](const auto& r) { return r.rows(); }, rows_);
  }
  Index cols() const {
    return std::visit([](const auto& r) { return r.cols(); }, rows_);
  }
  Index samples() const {
    return std::visit([](const auto& r) { return r.samples(); }, rows_);
  }
  RowBlock<double> block(Index begin, Index count, Index sample, RowMatrix& buffer) const {
    return std::visit([&](const auto& r) { return r.block(begin, count, sample, buffer); }, rows_);
  }
  // The rows before any noise was put on them.
  const DenseRows& dense() const { return std::get<DenseRows>(rows_); }

 private:
  std::variant<DenseRows, DroppedRows> rows_;
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
            f.hessian(at.map(), h);
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
          "x"_a, "v"_a, "The Hessian at x times v, shape (n_parameters,), without the Hessian.");
}

}  // namespace hessopt::bindings
