#include <optional>
#include <string>
#include <vector>

#include "floors.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/networks/predict.hpp"
#include "hessopt/networks/whole_hessian.hpp"
#include "norm_statistics.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

DenseRows dense_rows(const py::array& x) {
  return dispatch(x, [&]<class T>() { return DenseRows(matrix_view<T>(x), owner_of(x)); });
}

// (units, activation, its parameter, rate of dropout, whether it has a bias, ()) of a dense layer;
// of batch normalisation, which has as many units as there are, the last is its (eps, momentum,
// ddof, running_ddof, fixed statistics).
using NormTuple = std::tuple<double, double, Index, Index, std::optional<StatisticsPair>>;
using LayerTuple = std::tuple<Index, std::string, double, double, bool, std::optional<NormTuple>>;

Normalization normalization_from(const NormTuple& tuple) {
  const auto& [eps, momentum, ddof, running_ddof, fixed] = tuple;
  Normalization norm{eps, momentum, ddof, running_ddof};
  if (fixed) norm.fixed = statistics_from(*fixed);
  return norm;
}

Architecture architecture_from(const std::vector<LayerTuple>& layers, double input_rate,
                               Index inputs) {
  std::vector<Layer> out;
  for (const auto& [units, activation, parameter, rate, has_bias, norm] : layers) {
    Layer layer{inputs, units, activation, parameter, rate, has_bias};
    if (norm) {
      layer.norm = normalization_from(*norm);
      layer.units = inputs;
    }
    out.push_back(std::move(layer));
    inputs = out.back().units;
  }
  return {std::move(out), input_rate};
}

Network make_network(const std::vector<LayerTuple>& layers, double input_rate,
                     const std::string& loss, const std::vector<double>& loss_parameters,
                     const py::array& x, const py::array& y, const py::array& weight,
                     const py::array& l2, std::uint64_t seed, Index n_samples) {
  const DenseRows rows = dense_rows(x);
  Architecture architecture = architecture_from(layers, input_rate, rows.cols());
  const Index outputs = architecture.width(architecture.depth());
  OutputLoss of_outputs =
      loss == "Softmax" ? OutputLoss(outputs) : OutputLoss(AnyLoss(loss, loss_parameters), outputs);
  NetworkData data(rows, matrix_copy(matrix_view<double>(y)), vector_copy<double>(weight),
                   of_outputs);
  return {std::move(architecture), std::move(of_outputs), std::move(data), vector_copy<double>(l2),
          Masks{seed, n_samples}};
}

py::array_t<double> product(const Network& f, const py::object& x, const py::object& v,
                            bool gauss_newton) {
  const VectorArgument at("x", x, f.n_parameters()), along("v", v, f.n_parameters());
  std::optional<Evaluation> found;
  {
    const LongCall call;
    found = f.evaluate(at.map(), {.gauss_newton = gauss_newton, .along = along.map()});
  }
  return to_numpy(found->products.col(0));
}

py::array_t<double> whole(const Network& f, const py::object& x, bool gauss_newton) {
  const Index n = f.n_parameters();
  const VectorArgument at("x", x, n);
  const char* name = gauss_newton ? "Gauss-Newton matrix" : "Hessian";
  return naming_memory(name, n, n, sizeof(double), [&]() -> py::array_t<double> {
    NewArray<double> out({n, n});
    auto h = out.symmetric();
    {
      const LongCall call;
      whole_hessian(f, at.map(), gauss_newton, h);
    }
    return out;
  });
}

py::array_t<double> outputs_under_masks(const Network& f, const py::object& x,
                                        const py::array& rows, std::uint64_t seed, Index first,
                                        Index count) {
  const VectorArgument at("x", x, f.n_parameters());
  const DenseRows data = dense_rows(rows);
  NewArray<double> out({count, data.rows(), f.loss().outputs()});
  double* const to = out.data();
  {
    const LongCall call;
    masked_outputs(f, at.map(), data, seed, first, count, to);
  }
  return out;
}

py::array_t<double> jacobian_of(const Network& f, const py::object& x, const py::array& rows) {
  const VectorArgument at("x", x, f.n_parameters());
  const MatrixView<double> data = matrix_view<double>(rows);
  NewArray<double> out({data.rows, f.loss().outputs(), f.n_parameters()});
  double* const to = out.data();
  {
    const LongCall call;
    jacobian(f, at.map(), data, to);
  }
  return out;
}

}  // namespace

void bind_networks(py::module_& m) {
  using namespace py::literals;
  m.def(
      "activations",
      [] {
        const auto& table = kernels::networks<double>();
        std::vector<std::string> names;
        for (Index k = 0; k < table.n_activations; ++k) names.push_back(table.activations[k].name);
        return names;
      },
      "Names of the activations there are.");
  py::class_<Network>(m, "Network")
      .def(py::init<const Network&>(), "other"_a)
      .def(py::init(&make_network), "layers"_a, "input_rate"_a, "loss"_a, "loss_parameters"_a,
           "X"_a, "y"_a, "sample_weight"_a, "l2"_a, "seed"_a, "n_samples"_a)
      .def_property_readonly("n_parameters", &Network::n_parameters, "Length of x.")
      .def_property_readonly(
          "n_rows", [](const Network& f) { return f.data().rows(); }, "Rows of the data.")
      .def(
          "value",
          [](const Network& f, const py::object& x) {
            const VectorArgument at("x", x, f.n_parameters());
            const LongCall call;
            return f.evaluate(at.map(), {}).value;
          },
          "x"_a, "f(x), without its gradient.")
      .def(
          "value_and_gradient",
          [](const Network& f, const py::object& x) { return value_and_gradient(f, x); }, "x"_a,
          "f(x) and its gradient, shape (n_parameters,), from one pass over the data.")
      .def(
          "hessp",
          [](const Network& f, const py::object& x, const py::object& v) {
            return product(f, x, v, false);
          },
          "x"_a, "v"_a, "The Hessian at x times v, shape (n_parameters,), without the Hessian.")
      .def(
          "ggnp",
          [](const Network& f, const py::object& x, const py::object& v) {
            return product(f, x, v, true);
          },
          "x"_a, "v"_a,
          "The generalized Gauss-Newton matrix at x times v, shape (n_parameters,): the Hessian "
          "without the curvature of the network itself, which is never indefinite where the loss "
          "is convex.")
      .def(
          "hessian", [](const Network& f, const py::object& x) { return whole(f, x, false); },
          "x"_a,
          "The Hessian at x, shape (n_parameters, n_parameters), by its structure: far cheaper "
          "than "
          "as many products.")
      .def(
          "ggn", [](const Network& f, const py::object& x) { return whole(f, x, true); }, "x"_a,
          "The generalized Gauss-Newton matrix at x, shape (n_parameters, n_parameters).")
      .def_property_readonly("hessian_cost", &whole_hessian_cost,
                             "What a Hessian costs, in evaluations of value and gradient.")
      .def(
          "_outputs",
          [](const Network& f, const py::object& x, const py::array& rows) {
            const VectorArgument at("x", x, f.n_parameters());
            const DenseRows data = dense_rows(rows);
            RowMatrix out;
            {
              const LongCall call;
              out = outputs(f, at.map(), data);
            }
            return to_numpy(Matrix(out));
          },
          "x"_a, "rows"_a, "Outputs of the last layer, without masks.")
      .def("_masked_outputs", &outputs_under_masks, "x"_a, "rows"_a, "seed"_a, "first"_a, "count"_a,
           "Outputs under the masks of samples first .. first + count, shape (count, rows, "
           "outputs).")
      .def("_jacobian", &jacobian_of, "x"_a, "rows"_a,
           "Derivatives of the outputs in the parameters, shape (rows, outputs, n_parameters).")
      .def(
          "_statistics",
          [](const Network& f, const py::object& x, bool masked) {
            const VectorArgument at("x", x, f.n_parameters());
            std::vector<Statistics> found;
            {
              const LongCall call;
              found = masked ? f.statistics(at.map()) : f.without_masks().statistics(at.map());
            }
            return to_python(found);
          },
          "x"_a, "masked"_a,
          "(mean, variance) of the inputs of each layer of batch normalisation at x.")
      .def(
          "_fixed",
          [](const Network& f, const std::vector<StatisticsPair>& statistics) {
            std::vector<Statistics> of;
            for (const StatisticsPair& pair : statistics) of.push_back(statistics_from(pair));
            return f.fixed(of);
          },
          "statistics"_a, "The objective with these statistics of its batch normalisation.")
      .def(
          "_batch",
          [](const Network& f, const py::object& rows) {
            return f.batch(indices_argument("rows", rows));
          },
          "rows"_a, "The objective of some rows.")
      .def(
          "_with_masks",
          [](const Network& f, std::uint64_t seed, Index n_samples) {
            return f.with_masks({seed, n_samples});
          },
          "seed"_a, "n_samples"_a, "The objective under other masks.");
}

}  // namespace hessopt::bindings
