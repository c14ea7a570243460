// The methods that every compiled objective has in Python.
#pragma once

#include "arguments.hpp"
#include "hessopt/objectives/objective.hpp"

namespace hessopt::bindings {

// f(x) with a Hessian, or an error before any work where there is no memory for one.
Evaluation evaluate_with_hessian(const EvaluatedObjective& f, ConstVectorRef x,
                                 const Request& request);
py::tuple value_and_gradient(const EvaluatedObjective& f, const py::object& x);
py::array_t<double> hessian(const EvaluatedObjective& f, const py::object& x);
py::array_t<double> hessp(const EvaluatedObjective& f, const py::object& x, const py::object& v);
py::tuple evaluate(const EvaluatedObjective& f, const py::object& x, const py::object& gradient,
                   const py::object& hessian, const py::object& along, const py::object& rough);

template <std::derived_from<EvaluatedObjective> Model>
py::class_<Model> bind_objective(py::module_& m, const char* name) {
  using namespace py::literals;
  return py::class_<Model>(m, name)
      .def_property_readonly("n_parameters", &Model::n_parameters, "Length of x.")
      .def_property_readonly("hessian_cost", &Model::hessian_cost,
                             "What a Hessian costs, in evaluations of value and gradient.")
      .def(
          "value_and_gradient",
          [](const Model& f, const py::object& x) { return value_and_gradient(f, x); }, "x"_a,
          "f(x) and its gradient, shape (n_parameters,), from one pass over the data.")
      .def(
          "hessian", [](const Model& f, const py::object& x) { return hessian(f, x); }, "x"_a,
          "The Hessian at x, shape (n_parameters, n_parameters).")
      .def(
          "hessp",
          [](const Model& f, const py::object& x, const py::object& v) { return hessp(f, x, v); },
          "x"_a, "v"_a, "The Hessian at x times v, shape (n_parameters,), without the Hessian.")
      .def(
          "evaluate",
          [](const Model& f, const py::object& x, const py::object& gradient,
             const py::object& hessian, const py::object& along,
             const py::object& rough) { return evaluate(f, x, gradient, hessian, along, rough); },
          "x"_a, py::kw_only(), "gradient"_a = true, "hessian"_a = false, "V"_a = py::none(),
          "rough"_a = false,
          "(f(x), gradient, Hessian, H V) from one pass over the data, None what is not wanted. "
          "`V`: shape (n_parameters, k). `rough`: the products of the Hessian in float32, "
          "summed in float64; the rest stays in float64. Where the CPU has tile units "
          "(AMX), 64 and more columns enter these products with 16 bits of mantissa, not 24: an "
          "entry of the Hessian, a sum, is then good to 2e-5 of its terms' absolute sum.");
}

}  // namespace hessopt::bindings
