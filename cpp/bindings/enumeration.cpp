#include "floors.hpp"
#include "hessopt/expectation/enumerated_model.hpp"
#include "hessopt/expectation/expected_sigmoid.hpp"
#include "noise.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

// Masks of inputs and of parameters have one law for the terms of a row, whose sum is wanted.
double keep_of(const std::string& law, double amount) {
  const Noise noise = noise_from(law, amount, 0);
  if (const auto* connect = std::get_if<DropConnect>(&noise)) return connect->keep();
  return std::get<Dropout>(noise).keep();
}

template <class Model>
void bind_enumerated(py::module_& m) {
  using namespace py::literals;
  m.def(
      "enumerated",
      [](const Model& model, const std::string& law, double amount, std::uint64_t /*seed*/) {
        return EnumeratedModel(model, keep_of(law, amount));
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a);
}

py::array_t<double> expected_sigmoid(const py::array& x, const py::array& w, double b,
                                     const std::string& law, double amount, bool exact) {
  const Vector weights = vector_copy<double>(w);
  NewArray<double> out({x.shape(0)});
  double* to = out.data();
  dispatch(x, [&]<class T>() {
    const MatrixView<T> rows = matrix_view<T>(x);
    const LongCall call;
    if (exact)
      enumerated_sigmoid(rows, weights, b, keep_of(law, amount), to);
    else
      normal_sigmoid(rows, weights, b, noise_from(law, amount, 0), to);
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
  m.def("expected_sigmoid", &expected_sigmoid, "X"_a, "w"_a, "b"_a, "law"_a, "amount"_a, "exact"_a);
}

}  // namespace hessopt::bindings
