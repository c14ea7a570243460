#include "hessopt/expectation/statistics.hpp"

#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/core/blocks.hpp"
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
    const auto from = matrix_view<T>(x);
    NewArray<T> out({copies.count, from.rows, from.cols});
    T* const to = out.data();
    {
      const LongCall call;
      noisy_copies(noise, copies, from, begin, to);
    }
    return py::array_t<T>(out);
  });
}

// The method `add` of sums over samples: a row of f per sample, without the GIL.
template <class Sums>
auto adding() {
  return [](Sums& sums, const py::array& f) {
    const auto view = matrix_view<double>(f);
    const py::gil_scoped_release release;
    RowMatrix packed;
    sums.add(row_block(view, 0, view.rows, packed));
  };
}

// A property that C++ has as an Eigen type.
template <class T, class Get>
auto as_numpy(Get get) {
  return [get](const T& t) { return to_numpy((t.*get)()); };
}

}  // namespace

void bind_statistics(py::module_& m) {
  using namespace py::literals;
  m.def(
      "enumerate_masks",
      [](double keep, Index size, Index begin, Index count) {
        NewArray<double> masks({count, size}), probability({count});
        enumerate_masks(keep, begin, masks.matrix(), probability.vector());
        return py::make_tuple(py::array_t<double>(masks), py::array_t<double>(probability));
      },
      "keep"_a, "size"_a, "begin"_a, "count"_a);
  m.def(
      "noisy_copies",
      [](const py::array& x, const Noise& noise, bool antithetic, bool shared, Index first,
         Index count, Index begin) {
        return noisy_copies_of(x, noise, {first, count, antithetic, shared}, begin);
      },
      "x"_a, "noise"_a, "antithetic"_a, "shared"_a, "first"_a, "count"_a, "begin"_a);

  py::class_<WeightedSum>(m, "WeightedSum")
      .def(py::init<Index>(), "size"_a)
      .def(
          "add",
          [](WeightedSum& sum, const py::array& weight, const py::array& f) {
            const auto view = matrix_view<double>(f);
            RowMatrix packed;
            sum.add(vector_copy<double>(weight), row_block(view, 0, view.rows, packed));
          },
          "weight"_a, "f"_a)
      .def_property_readonly("value", as_numpy<WeightedSum>(&WeightedSum::value));
  using Moments = RunningMoments;
  py::class_<Moments>(m, "RunningMoments")
      .def(py::init<Index, Index>(), "size"_a, "group"_a = 1)
      .def("add", adding<Moments>(), "f"_a)
      .def_property_readonly("mean", as_numpy<Moments>(&Moments::mean))
      .def_property_readonly("variance", as_numpy<Moments>(&Moments::variance))
      .def_property_readonly("standard_error", as_numpy<Moments>(&Moments::standard_error))
      .def_property_readonly("count", &Moments::count);
  py::class_<Tails>(m, "Tails")
      .def(py::init<Index, Index>(), "size"_a, "group"_a = 1)
      .def("add", adding<Tails>(), "f"_a)
      .def_property_readonly("tilt", as_numpy<Tails>(&Tails::tilt))
      .def_property_readonly("shape", as_numpy<Tails>(&Tails::shape));
  using Entropies = EntropyMoments;
  py::class_<Entropies>(m, "EntropyMoments")
      .def(py::init<Index, Index, Index>(), "rows"_a, "classes"_a, "group"_a = 1)
      .def("add", adding<Entropies>(), "p"_a)
      .def_property_readonly("probabilities", &Entropies::probabilities)
      .def_property_readonly("value", as_numpy<Entropies>(&Entropies::value))
      .def_property_readonly("standard_error", as_numpy<Entropies>(&Entropies::standard_error));
}

}  // namespace hessopt::bindings
