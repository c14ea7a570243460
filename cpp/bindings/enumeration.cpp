#include "floors.hpp"
#include "hessopt/expectation/enumerated_model.hpp"
#include "hessopt/expectation/expected_sigmoid.hpp"
#include "noise.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

double keep_of(const Noise& noise) {
  const std::optional<double> rate = rate_of_dropped(noise);
  require(rate.has_value(), "noise", "a normal law", "one that drops");
  return 1.0 - *rate;
}

template <class Model>
void bind_enumerated(py::module_& m) {
  using namespace py::literals;
  m.def(
      "enumerated",
      [](const Model& model, const Noise& noise) { return EnumeratedModel(model, keep_of(noise)); },
      "model"_a, "noise"_a);
}

py::array_t<double> expected_sigmoid(const py::array& x, const py::array& w, double b,
                                     const Noise& noise, bool exact) {
  const Vector weights = vector_copy<double>(w);
  NewArray<double> out({x.shape(0)});
  double* to = out.data();
  dispatch(x, [&]<class T>() {
    const MatrixView<T> rows = matrix_view<T>(x);
    const LongCall call;
    if (exact)
      enumerated_sigmoid(rows, weights, b, keep_of(noise), to);
    else
      normal_sigmoid(rows, weights, b, noise, to);
  });
  return out;
}

py::array_t<double> normal_sigmoids(const py::array& mean, const py::array& variance) {
  const Vector mu = vector_copy<double>(mean), s2 = vector_copy<double>(variance);
  NewArray<double> out({mean.shape(0)});
  sigmoid_of_normal(mu.data(), s2.data(), mu.size(), out.data());
  return out;
}

}  // namespace

void bind_enumeration(py::module_& m) {
  using namespace py::literals;
  bind_objective<EnumeratedModel>(m, "EnumeratedModel");
  bind_enumerated<LinearModel>(m);
  bind_enumerated<SoftmaxModel>(m);
  m.def("sigmoid_of_normal", &normal_sigmoids, "mean"_a, "variance"_a);
  m.def("expected_sigmoid", &expected_sigmoid, "X"_a, "w"_a, "b"_a, "noise"_a, "exact"_a);
}

}  // namespace hessopt::bindings
