#include "floors.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

using Doubles = py::array_t<double>;

Data<DenseRows> data_from(const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                          bool fit_intercept) {
  auto rows = dispatch(x, [&]<class T>() { return DenseRows(matrix_view<T>(x)); });
  return make_data(rows, to_array(y), to_array(weight), l2, fit_intercept);
}

template <Loss L>
void bind_linear_model(py::module_& m) {
  using namespace py::literals;
  bind_objective<LinearModel<L>>(m, L::name)
      .def(py::init([](const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                       bool fit_intercept) {
             return LinearModel<L>(data_from(x, y, weight, l2, fit_intercept));
           }),
           "X"_a, "y"_a, "sample_weight"_a, "l2"_a, "fit_intercept"_a,
           py::keep_alive<1, 2>());  // the model reads X where it lies
}

}  // namespace

void bind_objectives(py::module_& m) {
  using namespace py::literals;
#define HESSOPT_BIND(L) bind_linear_model<L>(m);
  HESSOPT_FOR_EACH_LOSS(HESSOPT_BIND)
#undef HESSOPT_BIND
  bind_objective<SoftmaxModel<>>(m, "Softmax")
      .def(py::init([](const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                       bool fit_intercept, Index n_classes) {
             return SoftmaxModel<>(data_from(x, y, weight, l2, fit_intercept), n_classes);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "l2"_a, "fit_intercept"_a, "n_classes"_a,
           py::keep_alive<1, 2>())
      .def_property_readonly("n_classes", &SoftmaxModel<>::n_classes, "Number of classes K.");
}

}  // namespace hessopt::bindings
