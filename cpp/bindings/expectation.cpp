#include <pybind11/eigen.h>

#include "floors.hpp"
#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

// The same class as the model it comes from, on rows that are dropped as they are read.
template <class Model>
void bind_fixed_samples(py::module_& m) {
  using namespace py::literals;
  m.def(
      "fixed_samples",
      [](const Model& model, double rate, std::uint64_t seed, Index n_samples) {
        DroppedRows rows(model.data().rows.dense(), Dropout{rate, seed}, n_samples);
        return model.with_data(model.data().with_rows(AnyRows(std::move(rows))));
      },
      "model"_a, "rate"_a, "seed"_a, "n_samples"_a);
}

template <Loss L>
py::object closed_form(const LinearModel<AnyRows>& model, double rate) {
  return py::cast(ClosedForm<L, AnyRows>(model, Dropout{rate}));
}

}  // namespace

void bind_expectation(py::module_& m) {
  using namespace py::literals;
  bind_objective<ClosedForm<Squared, AnyRows>>(m, "SquaredClosedForm");
  bind_objective<ClosedForm<Logistic, AnyRows>>(m, "LogisticClosedForm");
  m.def(
      "closed_form",
      [](const LinearModel<AnyRows>& model, double rate) {
        return model.loss().name() == std::string(Squared::name)
                   ? closed_form<Squared>(model, rate)
                   : closed_form<Logistic>(model, rate);
      },
      "model"_a, "rate"_a);
  bind_fixed_samples<LinearModel<AnyRows>>(m);
  bind_fixed_samples<SoftmaxModel<AnyRows>>(m);

  m.def(
      "enumerate_masks",
      [](double keep, Index size, Index begin, Index count) {
        RowMatrix masks(count, size);
        Vector probability(count);
        enumerate_masks(keep, begin, masks, probability);
        return py::make_tuple(masks, probability);
      },
      "keep"_a, "size"_a, "begin"_a, "count"_a);

  py::class_<WeightedSum>(m, "WeightedSum")
      .def(py::init<Index>(), "size"_a)
      .def("add", &WeightedSum::add, "weight"_a, "f"_a)
      .def_property_readonly("value", &WeightedSum::value);
  py::class_<RunningMoments>(m, "RunningMoments")
      .def(py::init<Index>(), "size"_a)
      .def("add", &RunningMoments::add, "f"_a)
      .def_property_readonly("mean", &RunningMoments::mean)
      .def_property_readonly("standard_error", &RunningMoments::standard_error)
      .def_property_readonly("count", &RunningMoments::count);
}

}  // namespace hessopt::bindings
