#include <string>

#include "floors.hpp"

namespace hessopt::bindings {
namespace {

namespace py = pybind11;

// An object that __new__ made and __init__ did not is memory without a value to pybind11, which
// would let every method read it.
void* refuse_use_before_init(std::size_t) {
  throw py::type_error("self: got an object before its __init__; want one that its class made");
}

// Pickle protocols 0 and 1 would make an object of a base class that has none, which ends the
// process: every protocol has what protocol 2 says.
py::tuple reduce(const py::object& self) {
  const py::type kind = py::type::of(self);
  if (!py::hasattr(self, "__setstate__"))
    throw py::type_error("cannot pickle '" + std::string(py::str(kind.attr("__name__"))) +
                         "' object");
  return py::make_tuple(py::module_::import("copyreg").attr("__newobj__"), py::make_tuple(kind),
                        self.attr("__getstate__")());
}

void make_safe(const py::module_& m) {
  for (const auto& [name, value] : m.attr("__dict__").cast<py::dict>()) {
    if (!PyType_Check(value.ptr())) continue;
    auto* info = py::detail::get_type_info(reinterpret_cast<PyTypeObject*>(value.ptr()));
    if (info == nullptr) continue;
    info->operator_new = &refuse_use_before_init;
    py::setattr(value, "__reduce__",
                py::cpp_function(&reduce, py::name("__reduce__"), py::is_method(value)));
  }
}

}  // namespace
}  // namespace hessopt::bindings

PYBIND11_MODULE(_core, m, pybind11::mod_gil_not_used()) {
  using namespace hessopt::bindings;
  // As it is registered, and as pickles name it.
  m.attr("__name__") = "hessopt._core";
  bind_config(m);
  bind_noise(m);
  bind_random(m);
  bind_many_masks(m);
  bind_linalg(m);
  bind_cholesky(m);
  bind_rows(m);
  bind_linear_model(m);
  bind_cox(m);
  bind_ordinal(m);
  bind_softmax(m);
  bind_inference(m);
  bind_networks(m);
  bind_training(m);
  bind_expectation(m);
  bind_softmax_noise(m);
  bind_enumeration(m);
  bind_statistics(m);
  bind_solvers(m);
  bind_least_squares(m);
  bind_batches(m);
  bind_batch_models(m);
  make_safe(m);
}
