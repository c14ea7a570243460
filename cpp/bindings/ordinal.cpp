#include "floors.hpp"
#include "hessopt/objectives/ordinal_model.hpp"
#include "model_of_data.hpp"

namespace hessopt::bindings {

void bind_ordinal(py::module_& m) {
  using namespace py::literals;
  bind_objective<OrdinalModel>(m, "Ordinal")
      .def(py::init([](const py::object& x, const py::array& y, const py::array& weight,
                       const py::array& offset, const py::array& l2, Index n_classes, bool probit) {
             return OrdinalModel(data_from(x, y, weight, offset, l2, false), n_classes,
                                 probit ? OrdinalLink::probit : OrdinalLink::logit);
           }),
           "X"_a, "y"_a, "sample_weight"_a, "offset"_a, "l2"_a, "n_classes"_a, "probit"_a)
      .def_property_readonly("n_classes", &OrdinalModel::n_classes, "Number of classes K.")
      .def_property_readonly("has_rare_columns", &OrdinalModel::has_rare_columns,
                             "Whether X is sparse.")
      .def_property_readonly(
          "X", [](const OrdinalModel& f) { return data_of(f.data().rows.clean()); },
          "The data where it lies, read-only, shape (n_rows, p).");
}

}  // namespace hessopt::bindings
