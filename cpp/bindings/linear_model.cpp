#include <optional>
#include <string>
#include <vector>

#include "floors.hpp"
#include "hessopt/objectives/influence.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "model_of_data.hpp"

namespace hessopt::bindings {
namespace {

std::vector<std::tuple<const char*, const char*, double>> parameters_of_loss(
    const std::string& name) {
  const kernels::LossKernel& loss = kernel_of_loss(name);
  std::vector<std::tuple<const char*, const char*, double>> out;
  for (Index k = 0; k < loss.n_parameters; ++k)
    out.emplace_back(loss.parameters[k].name, loss.parameters[k].domain, loss.defaults[k]);
  return out;
}

py::tuple influence_of(const LinearModel& f, const py::object& x, const py::object& hessian) {
  const VectorArgument at("x", x, f.n_parameters());
  const SymmetricArgument curvature("H", hessian, f.n_parameters());
  std::optional<Influence> found;
  {
    const LongCall call;
    found = influence(f, at.map(), curvature.map());
  }
  return py::make_tuple(to_numpy(found->predictor), to_numpy(found->slope),
                        to_numpy(found->curvature), to_numpy(found->reach));
}

py::array further_steps_of(const LinearModel& f, const py::object& x, const py::object& hessian,
                           const py::object& rows) {
  const VectorArgument at("x", x, f.n_parameters());
  const SymmetricArgument curvature("H", hessian, f.n_parameters());
  const std::vector<Index> which = indices_argument("rows", rows);
  Matrix out;
  {
    const LongCall call;
    out = further_steps(f, at.map(), curvature.map(), which);
  }
  return to_numpy(out);
}

py::array losses_of(const LinearModel& f, const py::object& predictor) {
  const VectorArgument at("predictor", predictor, f.data().rows.rows());
  Array out;
  {
    const LongCall call;
    out = losses_at(f, at.map());
  }
  return to_numpy(out);
}

py::tuple row_derivatives(const LinearModel& f, const py::object& x) {
  const VectorArgument at("x", x, f.n_parameters());
  RowDerivatives found;
  {
    const LongCall call;
    found = f.row_derivatives(at.map());
  }
  return py::make_tuple(to_numpy(found.first), to_numpy(found.second));
}

}  // namespace

void bind_linear_model(py::module_& m) {
  using namespace py::literals;
  bind_model<LinearModel>(m, "LinearModel")
      .def(py::init([](const std::string& loss, const std::vector<double>& parameters,
                       const py::object& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, bool fit_intercept) {
             return LinearModel(AnyLoss(loss, parameters),
                                data_from(x, y, weight, offset, l2, fit_intercept));
           }),
           "loss"_a, "parameters"_a, "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a,
           "fit_intercept"_a)
      .def_property_readonly(
          "loss", [](const LinearModel& f) { return f.loss().name(); }, "Name of the loss.")
      .def_property_readonly(
          "convex", [](const LinearModel& f) { return f.loss().convex(); },
          "Whether the loss is: no Hessian is needed to tell a minimum.")
      .def_property_readonly(
          "row_weights",
          [](const LinearModel& f) { return to_numpy(f.data().weights(0, f.data().rows.rows())); },
          "Weight of each row in the mean, shape (n_rows,); they sum to one.")
      .def(
          "influence",
          [](const LinearModel& f, const py::object& x, const py::object& hessian) {
            return influence_of(f, x, hessian);
          },
          "x"_a, "H"_a,
          "Of every row the predictor η, the derivatives ℓ' and ℓ'' of its loss, and its reach: "
          "its "
          "weight in the mean times z'H⁻¹z, z the row less the means of the columns and 1 for the "
          "intercept; four arrays of shape (n_rows,). `H`: as `hessian_about` these means has it.")
      .def(
          "further_steps",
          [](const LinearModel& f, const py::object& x, const py::object& hessian,
             const py::object& rows) { return further_steps_of(f, x, hessian, rows); },
          "x"_a, "H"_a, "rows"_a,
          "The predictors of these rows after a second and a third step towards the minimum of f "
          "without each, with the curvature at x, shape (len(rows), 2): NaN of a row whose "
          "leverage "
          "is 1. `H`: as of `influence`.")
      .def(
          "losses_at",
          [](const LinearModel& f, const py::object& predictor) { return losses_of(f, predictor); },
          "predictor"_a,
          "The loss of every row at other predictors than its own, shape (n_rows,), both.")
      .def(
          "row_derivatives",
          [](const LinearModel& f, const py::object& x) { return row_derivatives(f, x); }, "x"_a,
          "Of every row, the first and the second derivative of its loss in the predictor, times "
          "its weight in the mean; two arrays of shape (n_rows,).");
  m.def("losses", &names_of_losses, "Names of the losses there are.");
  m.def("parameters_of_loss", &parameters_of_loss, "loss"_a,
        "What it is made with: the name of each number, its domain in words, its default.");
}

}  // namespace hessopt::bindings
