// What the bindings of models of data share.
#pragma once

#include "hessopt/objectives/recession.hpp"
#include "objective.hpp"
#include "rows.hpp"

namespace hessopt::bindings {

// `offset`: rows x outputs; empty: none.
Data data_from(const py::object& x, const py::array& y, const py::array& weight,
               const py::array& offset, const py::array& l2, bool fit_intercept);

// In model_of_data.cpp, for all models alike.
py::tuple value_gradient_and_residual(const ModelOfData& f, const py::object& x);
py::array hessian_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                        bool rough);
py::tuple evaluate_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                         bool rough);
py::tuple moments_of(const ModelOfData& f);
py::object products_of(const ModelOfData& f, const py::object& mean, const py::object& scale);

// Models of data, of which a sample can be taken.
template <class Model>
py::class_<Model> bind_model_of_data(py::module_& m, const char* name) {
  using namespace py::literals;
  return bind_objective<Model>(m, name)
      .def(py::init([](const Model& f, const py::array& l2) {
             return f.with_l2(vector_copy<double>(l2));
           }),
           "model"_a, "l2"_a, "The same model, its data where they are, under another penalty.")
      .def_property_readonly(
          "n_rows", [](const Model& f) { return f.data().rows.rows(); }, "Rows of the data.")
      .def_property_readonly(
          "X", [](const Model& f) { return data_of(f.data().rows.clean()); },
          "The data where it lies, read-only, shape (n_rows, p).")
      .def_property_readonly(
          "has_rare_columns", [](const Model& f) { return f.has_rare_columns(); },
          "Whether no sample of the rows stands for all of them, as where X is sparse, or takes as "
          "long to read, as where it is loaded block by block.")
      .def(
          "value_gradient_and_residual",
          [](const Model& f, const py::object& x) { return value_gradient_and_residual(f, x); },
          "x"_a,
          "value_and_gradient(x), and from the same pass what `tell` takes beside them: the "
          "weighted "
          "root mean square of the derivative of the loss in each linear predictor, shape (1,) or "
          "(K,); 0, as the gradient is no difference; and what the value may be off by where "
          "products are in float32, else 0.")
      .def(
          "hessian_about",
          [](const Model& f, const py::object& x, const py::object& origin, bool rough) {
            return hessian_about(f, x, origin, rough);
          },
          "x"_a, "origin"_a, py::kw_only(), "rough"_a = false,
          "The Hessian at x in the parameters (w, b + origin'w), whose columns are those of X less "
          "`origin`, shape (p,): digits that columns far from 0 have lost in `hessian` are kept. "
          "`rough`: products in float32.")
      .def(
          "evaluate_about",
          [](const Model& f, const py::object& x, const py::object& origin, bool rough) {
            return evaluate_about(f, x, origin, rough);
          },
          "x"_a, "origin"_a, py::kw_only(), "rough"_a = false,
          "f(x), its gradient and `hessian_about(x, origin)` from one pass over the data.")
      .def(
          "rough_hessian",
          [](const Model& f, const py::object& x) {
            const VectorArgument at("x", x, f.n_parameters());
            return to_numpy(
                evaluate_with_hessian(f, at.map(), {.hessian = true, .rough = true}).hessian);
          },
          "x"_a, "The Hessian at x with products in float32, see `evaluate`.")
      .def_property_readonly(
          "l2", [](const Model& f) { return to_numpy(f.data().l2); },
          "Penalty of each coefficient, shape (p,).")
      .def_property_readonly(
          "column_moments", [](const Model& f) { return moments_of(f); },
          "(mean, scale) of the columns of X, each of shape (p,): weighted mean and standard "
          "deviation; without an intercept 0 and root mean square. The scale of a constant is its "
          "size. Found by one pass over the data, once.")
      .def(
          "column_products",
          [](const Model& f, const py::object& mean, const py::object& scale) {
            return products_of(f, mean, scale);
          },
          "mean"_a, "scale"_a,
          "Weighted means of the products of the columns (X - mean) / scale, shape (p, p): with "
          "`column_moments` the correlations of the columns of X.")
      .def(
          "recession",
          [](const Model& f, const py::object& x) -> py::object {
            const VectorArgument at("x", x, f.n_parameters());
            std::optional<Recession> found;
            {
              const LongCall call;
              found = recession(f, at.map());
            }
            if (!found) return py::none();
            return py::make_tuple(to_numpy(found->direction), found->rows);
          },
          "x"_a,
          "A direction along which f falls without end, shape (n_parameters,), and the number of "
          "rows whose loss falls along it; None where f has a minimum, or none was found. `x`: "
          "where a run has ended.")
      .def(
          "every",
          [](const Model& f, const py::object& step) {
            return f.every(integer_argument("step", step, 1));
          },
          "step"_a, "The same model of rows 0, step, 2 step, ..., whose X is read where it lies.");
}

// Those that are sums over rows.
template <class Model>
py::class_<Model> bind_model(py::module_& m, const char* name) {
  using namespace py::literals;
  return bind_model_of_data<Model>(m, name).def(
      "part",
      [](const Model& f, const py::object& x, const py::object& begin,
         const py::object& n_samples) {
        return f.with_data(f.data().part(rows_argument("X", x), integer_argument("begin", begin, 0),
                                         integer_argument("n_samples", n_samples, 1)));
      },
      "X"_a, "begin"_a, "n_samples"_a,
      "What rows begin .. begin + len(X) add to f, as one of n_samples equal copies, with X in "
      "their place: f is the sum of its parts.");
}

}  // namespace hessopt::bindings
