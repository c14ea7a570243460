#include "hessopt/expectation/statistics.hpp"

#include <pybind11/eigen.h>

#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/noisy_copies.hpp"
#include "hessopt/expectation/tails.hpp"
#include "noise.hpp"

namespace hessopt::bindings {
namespace {

// A row-major array of `copies.count` noisy versions of x.
py::array noisy_copies_of(const py::array& x, const Noise& noise, const Copies& copies,
                          Index begin) {
  return dispatch(x, [&]<class T>() -> py::array {
    py::array_t<T> out({copies.count, x.shape(0), x.shape(1)});
    T* const to = out.mutable_data();
    const auto from = matrix_view<T>(x);
    const LongCall call;
    noisy_copies(noise, copies, from, begin, to);
    return out;
  });
}

}  // namespace

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
  m.def(
      "noisy_copies",
      [](const py::array& x, const std::string& law, double amount, std::uint64_t seed,
         bool antithetic, bool shared, Index first, Index count, Index begin) {
        return noisy_copies_of(x, noise_from(law, amount, seed), {first, count, antithetic, shared},
                               begin);
      },
      "x"_a, "law"_a, "amount"_a, "seed"_a, "antithetic"_a, "shared"_a, "first"_a, "count"_a,
      "begin"_a);

  py::class_<WeightedSum>(m, "WeightedSum")
      .def(py::init<Index>(), "size"_a)
      .def("add", &WeightedSum::add, "weight"_a, "f"_a)
      .def_property_readonly("value", &WeightedSum::value);
  using Unlocked = py::call_guard<py::gil_scoped_release>;
  py::class_<RunningMoments>(m, "RunningMoments")
      .def(py::init<Index, Index>(), "size"_a, "group"_a = 1)
      .def("add", &RunningMoments::add, "f"_a, Unlocked())
      .def_property_readonly("mean", &RunningMoments::mean)
      .def_property_readonly("variance", &RunningMoments::variance)
      .def_property_readonly("standard_error", &RunningMoments::standard_error)
      .def_property_readonly("count", &RunningMoments::count);
  py::class_<Tails>(m, "Tails")
      .def(py::init<Index, Index>(), "size"_a, "group"_a = 1)
      .def("add", &Tails::add, "f"_a, Unlocked())
      .def_property_readonly("tilt", &Tails::tilt)
      .def_property_readonly("shape", &Tails::shape);
  py::class_<EntropyMoments>(m, "EntropyMoments")
      .def(py::init<Index, Index, Index>(), "rows"_a, "classes"_a, "group"_a = 1)
      .def("add", &EntropyMoments::add, "p"_a, Unlocked())
      .def_property_readonly("probabilities", &EntropyMoments::probabilities)
      .def_property_readonly("value", &EntropyMoments::value)
      .def_property_readonly("standard_error", &EntropyMoments::standard_error);
}

}  // namespace hessopt::bindings
