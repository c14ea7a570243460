#include "floors.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

using Doubles = py::array_t<double>;

// Keeps an array alive from C++, where the last owner may not hold the GIL.
std::shared_ptr<const void> owner_of(const py::array& x) {
  return {new py::array(x), [](const void* held) {
            const py::gil_scoped_acquire gil;
            delete static_cast<const py::array*>(held);
          }};
}

Data<AnyRows> data_from(const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                        bool fit_intercept) {
  AnyRows rows = dispatch(x, [&]<class T>() { return DenseRows(matrix_view<T>(x), owner_of(x)); });
  return make_data(std::move(rows), to_array(y), to_array(weight), l2, fit_intercept);
}

template <Loss L>
void bind_linear_model(py::module_& m) {
  using namespace py::literals;
  using Model = LinearModel<L, AnyRows>;
  bind_objective<Model>(m, L::name)
      .def(py::init([](const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                       bool fit_intercept) {
             return Model(data_from(x, y, weight, l2, fit_intercept));
           }),
           "X"_a, "y"_a, "sample_weight"_a, "l2"_a, "fit_intercept"_a);
}

}  // namespace

void bind_objectives(py::module_& m) {
  using namespace py::literals;
#define HESSOPT_BIND(L) bind_linear_model<L>(m);
  HESSOPT_FOR_EACH_LOSS(HESSOPT_BIND)
#undef HESSOPT_BIND
  using Model = SoftmaxModel<AnyRows>;
  bind_objective<Model>(m, "Softmax")
      .def(py::init([](const py::array& x, const Doubles& y, const Doubles& weight, double l2,
                       bool fit_intercept, Index n_classes) {
             return Model(data_from(x, y, weight, l2, fit_intercept), n_classes);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "l2"_a, "fit_intercept"_a, "n_classes"_a)
      .def_property_readonly("n_classes", &Model::n_classes, "Number of classes K.");
}

}  // namespace hessopt::bindings
