#include <pybind11/eigen.h>

#include "floors.hpp"
#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

// The result reads the data of `model`, which it keeps alive.
template <class Model>
void bind_fixed_samples(py::module_& m, const std::string& name) {
  using namespace py::literals;
  bind_objective<decltype(fixed_samples(std::declval<const Model&>(), Dropout{}, 1))>(
      m, (name + "FixedSamples").c_str());
  m.def(
      "fixed_samples",
      [](const Model& model, double rate, std::uint64_t seed, Index n_samples) {
        return fixed_samples(model, Dropout{rate, seed}, n_samples);
      },
      "model"_a, "rate"_a, "seed"_a, "n_samples"_a, py::keep_alive<0, 1>());
}

template <Loss L>
void bind_closed_form(py::module_& m) {
  using namespace py::literals;
  bind_objective<ClosedForm<L>>(m, (std::string(L::name) + "ClosedForm").c_str());
  m.def(
      "closed_form",
      [](const LinearModel<L>& model, double rate) {
        return ClosedForm<L>(model, Dropout{rate});
      },
      "model"_a, "rate"_a, py::keep_alive<0, 1>());
}

}  // namespace

void bind_expectation(py::module_& m) {
  using namespace py::literals;
#define HESSOPT_BIND(L)                          \
  bind_closed_form<L>(m);                        \
  bind_fixed_samples<LinearModel<L>>(m, L::name);
  HESSOPT_FOR_EACH_LOSS(HESSOPT_BIND)
#undef HESSOPT_BIND
  bind_fixed_samples<SoftmaxModel<>>(m, "Softmax");

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
