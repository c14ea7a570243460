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
void bind_closed_form(py::module_& m) {
  using namespace py::literals;
  using Result = ClosedForm<L, AnyRows>;
  bind_objective<Result>(m, (std::string(L::name) + "ClosedForm").c_str());
  m.def(
      "closed_form",
      [](const LinearModel<L, AnyRows>& model, double rate) {
        return Result(model, Dropout{rate});
      },
      "model"_a, "rate"_a);
}

}  // namespace

void bind_expectation(py::module_& m) {
  using namespace py::literals;
#define HESSOPT_BIND(L)   \
  bind_closed_form<L>(m); \
  bind_fixed_samples<LinearModel<L, AnyRows>>(m);
  HESSOPT_FOR_EACH_LOSS(HESSOPT_BIND)
#undef HESSOPT_BIND
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
