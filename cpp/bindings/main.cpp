#include "floors.hpp"

PYBIND11_MODULE(HESSOPT_MODULE, m, pybind11::mod_gil_not_used()) {
  using namespace hessopt::bindings;
  // Every level goes by the same name, so that a pickle never names an instruction set.
  m.attr("__name__") = "hessopt._core";
  bind_config(m);
  bind_random(m);
  bind_many_masks(m);
  bind_linalg(m);
  bind_cholesky(m);
  bind_objectives(m);
  bind_expectation(m);
  bind_softmax_noise(m);
  bind_enumeration(m);
  bind_statistics(m);
  bind_solvers(m);
}
