#include <optional>

#include "floors.hpp"
#include "hessopt/objectives/class_metric.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "model_of_data.hpp"

namespace hessopt::bindings {

void bind_softmax(py::module_& m) {
  using namespace py::literals;
  bind_model<SoftmaxModel>(m, "Softmax")
      .def(py::init([](const py::object& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, bool fit_intercept,
                       Index n_classes) {
             return SoftmaxModel(data_from(x, y, weight, offset, l2, fit_intercept), n_classes);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a, "fit_intercept"_a, "n_classes"_a)
      .def_property_readonly("n_classes", &SoftmaxModel::n_classes, "Number of classes K.")
      .def(
          "class_metric",
          [](const SoftmaxModel& f, const py::object& x, const py::object& scale,
             const py::object& step) -> py::object {
            const VectorArgument at("x", x, f.n_parameters());
            const VectorArgument unit("scale", scale, f.data().rows.cols());
            const Index every = integer_argument("step", step, 1);
            std::optional<ClassMetric> found;
            {
              const LongCall call;
              found = class_metric(f, at.map(), unit.map(), every);
            }
            if (!found) return py::none();
            return py::make_tuple(to_numpy(found->mean), to_numpy(found->factor), found->curvature);
          },
          "x"_a, "scale"_a, "step"_a = 1,
          "Of the columns of X, from rows 0, step, 2 step, ... weighted by their part of the "
          "curvature at x, w = (1 - sum_k pi_k^2) / (K - 1): means, shape (p,), or (0,) without an "
          "intercept; the Cholesky factor of the covariances of X / scale, shape (p, p), lower "
          "triangle; and the mean of w. None where there are no such.")
      .def(
          "curvature_bound",
          [](const SoftmaxModel& f) {
            Matrix bound;
            {
              const LongCall call;
              bound = f.curvature_bound();
            }
            return to_numpy(bound);
          },
          "Of the parameters of one class, shape (n_parameters / K,) * 2: at no x does the Hessian "
          "exceed the matrix with this block for every class on its diagonal.");
}

}  // namespace hessopt::bindings
