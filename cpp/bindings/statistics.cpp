#include "hessopt/expectation/statistics.hpp"

#include <pybind11/eigen.h>

#include "floors.hpp"
#include "hessopt/expectation/enumerate.hpp"

namespace hessopt::bindings {

namespace py = pybind11;

void bind_statistics(py::module_& m) {
  using namespace py::literals;
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
