#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floors.hpp"
#include "hessopt/objectives/class_metric.hpp"
#include "hessopt/objectives/cox_model.hpp"
#include "hessopt/objectives/influence.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/ordinal_model.hpp"
#include "hessopt/objectives/recession.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "objective.hpp"
#include "rows.hpp"

namespace hessopt::bindings {
namespace {

// `offset`: rows x outputs; empty: none.
Data data_from(const py::object& x, const py::array& y, const py::array& weight,
               const py::array& offset, const py::array& l2, bool fit_intercept) {
  return make_data(rows_from(x), vector_copy<double>(y),
                   {.sample_weight = vector_copy<double>(weight),
                    .offset = matrix_copy(matrix_view<double>(offset)),
                    .l2 = vector_copy<double>(l2),
                    .intercept = fit_intercept});
}

py::tuple value_gradient_and_residual(const ModelOfData& f, const py::object& x) {
  const VectorArgument at("x", x, f.n_parameters());
  std::optional<Evaluation> found;
  {
    const LongCall call;
    found = f.evaluate(at.map(), {.gradient = true, .residual = true});
  }
  return py::make_tuple(found->value, to_numpy(found->gradient), to_numpy(found->residual_roots()),
                        0.0, std::sqrt(found->value_error));
}

py::array hessian_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                        bool rough) {
  const VectorArgument at("x", x, f.n_parameters());
  const VectorArgument about("origin", origin, f.data().rows.cols());
  return to_numpy(
      evaluate_with_hessian(f, at.map(), {.hessian = true, .rough = rough, .origin = about.map()})
          .hessian);
}

py::tuple evaluate_about(const ModelOfData& f, const py::object& x, const py::object& origin,
                         bool rough) {
  const VectorArgument at("x", x, f.n_parameters());
  const VectorArgument about("origin", origin, f.data().rows.cols());
  const Evaluation found = evaluate_with_hessian(
      f, at.map(), {.gradient = true, .hessian = true, .rough = rough, .origin = about.map()});
  return py::make_tuple(found.value, to_numpy(found.gradient), to_numpy(found.hessian));
}

py::tuple moments_of(const ModelOfData& f) {
  const ColumnMoments* moments;
  {
    const LongCall call;
    moments = &f.column_moments();
  }
  return py::make_tuple(to_numpy(moments->mean), to_numpy(moments->scale));
}

py::object products_of(const ModelOfData& f, const py::object& mean, const py::object& scale) {
  const Index p = f.data().rows.cols();
  const VectorArgument centre("mean", mean, p), unit("scale", scale, p);
  std::optional<Matrix> found;
  {
    const LongCall call;
    found = column_products(f.data(), centre.map(), unit.map());
  }
  return to_numpy(*found);
}

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

CoxModel cox_from(const py::object& x, const py::array& time, const py::array& event,
                  const py::array& entry, const py::array& stratum, const py::array& weight,
                  const py::array& offset, const py::array& l2, bool efron) {
  Survival rows{.time = vector_copy<double>(time),
                .entry = vector_copy<double>(entry),
                .event = {},
                .weight = vector_copy<double>(weight)};
  for (const double happened : vector_copy<double>(event)) rows.event.push_back(happened != 0);
  for (const double code : vector_copy<double>(stratum))
    rows.stratum.push_back(static_cast<Index>(code));
  return {data_from(x, time, weight, offset, l2, false), std::move(rows),
          efron ? Ties::efron : Ties::breslow};
}

// f(row) of the first event of every risk set.
template <class F>
py::array of_risk_sets(const CoxModel& f, F&& of_row) {
  const RiskSets& sets = f.risk_sets();
  Vector out(static_cast<Index>(sets.risk_sets().size()));
  for (Index i = 0; i < out.size(); ++i) {
    const Index node = sets.risk_sets()[static_cast<std::size_t>(i)];
    out[i] = of_row(sets.row(sets.nodes()[static_cast<std::size_t>(node)].tied));
  }
  return to_numpy(out);
}

void bind_cox(py::module_& m) {
  using namespace py::literals;
  bind_model_of_data<CoxModel>(m, "Cox")
      .def(py::init(&cox_from), "X"_a, "time"_a, "event"_a, "entry"_a, "stratum"_a,
           "sample_weight"_a, "offset"_a, "l2"_a, "efron"_a)
      .def_property_readonly(
          "event_times",
          [](const CoxModel& f) {
            return of_risk_sets(f, [&](Index row) { return f.survival().time[row]; });
          },
          "The times of events, by stratum and rising, each once.")
      .def_property_readonly(
          "event_strata",
          [](const CoxModel& f) {
            const auto& codes = f.survival().stratum;
            return of_risk_sets(f, [&](Index row) {
              return codes.empty() ? 0.0
                                   : static_cast<double>(codes[static_cast<std::size_t>(row)]);
            });
          },
          "The number of the stratum of each of `event_times`.")
      .def(
          "log_baseline_hazard",
          [](const CoxModel& f, const py::object& x) {
            const VectorArgument at("x", x, f.n_parameters());
            Array found;
            {
              const LongCall call;
              found = f.log_baseline_hazard(at.map());
            }
            return to_numpy(Vector(found));
          },
          "x"_a,
          "Of each of `event_times`, the log of what Breslow's estimator of the cumulative hazard "
          "at "
          "predictors 0 rises by there.");
}

void bind_ordinal(py::module_& m) {
  using namespace py::literals;
  bind_objective<OrdinalModel>(m, "Ordinal")
      .def(py::init([](const py::object& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, Index n_classes, bool probit) {
             return OrdinalModel(data_from(x, y, weight, offset, l2, false), n_classes,
                                 probit ? OrdinalLink::probit : OrdinalLink::logit);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a, "n_classes"_a, "probit"_a)
      .def_property_readonly("n_classes", &OrdinalModel::n_classes, "Number of classes K.")
      .def_property_readonly("hessian_cost", &OrdinalModel::hessian_cost,
                             "What a Hessian costs, in evaluations of value and gradient.")
      .def_property_readonly("has_rare_columns", &OrdinalModel::has_rare_columns,
                             "Whether X is sparse.")
      .def_property_readonly(
          "X", [](const OrdinalModel& f) { return data_of(f.data().rows.clean()); },
          "The data where it lies, read-only, shape (n_rows, p).");
}

}  // namespace

void bind_objectives(py::module_& m) {
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

  bind_cox(m);
  bind_ordinal(m);
  bind_model<SoftmaxModel>(m, "Softmax")
      .def(py::init([](const py::object& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, bool fit_intercept,
                       Index n_classes) {
             return SoftmaxModel(data_from(x, y, weight, offset, l2, fit_intercept), n_classes);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a, "fit_intercept"_a, "n_classes"_a)
      .def_property_readonly("n_classes", &SoftmaxModel::n_classes, "Number of classes K.")
      .def(
          "class_metric",
          [](const SoftmaxModel& f, const py::object& x, const py::object& scale,
             const py::object& step) -> py::object {
            const VectorArgument at("x", x, f.n_parameters());
            const VectorArgument unit("scale", scale, f.data().rows.cols());
            const Index every = integer_argument("step", step, 1);
            std::optional<ClassMetric> found;
            {
              const LongCall call;
              found = class_metric(f, at.map(), unit.map(), every);
            }
            if (!found) return py::none();
            return py::make_tuple(to_numpy(found->mean), to_numpy(found->factor), found->curvature);
          },
          "x"_a, "scale"_a, "step"_a = 1,
          "Of the columns of X, from rows 0, step, 2 step, ... weighted by their part of the "
          "curvature at x, w = (1 - sum_k pi_k^2) / (K - 1): means, shape (p,), or (0,) without an "
          "intercept; the Cholesky factor of the covariances of X / scale, shape (p, p), lower "
          "triangle; and the mean of w. None where there are no such.")
      .def(
          "curvature_bound",
          [](const SoftmaxModel& f) {
            Matrix bound;
            {
              const LongCall call;
              bound = f.curvature_bound();
            }
            return to_numpy(bound);
          },
          "Of the parameters of one class, shape (n_parameters / K,) * 2: at no x does the Hessian "
          "exceed the matrix with this block for every class on its diagonal.");
}

}  // namespace hessopt::bindings
