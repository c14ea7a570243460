#include <utility>

#include "floors.hpp"
#include "hessopt/objectives/cox_model.hpp"
#include "model_of_data.hpp"

namespace hessopt::bindings {
namespace {

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

}  // namespace

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

}  // namespace hessopt::bindings
