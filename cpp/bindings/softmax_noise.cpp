#include "floors.hpp"
#include "hessopt/expectation/softmax_taylor.hpp"
#include "noise.hpp"
#include "objective.hpp"

namespace hessopt::bindings {

void bind_softmax_noise(py::module_& m) {
  using namespace py::literals;
  bind_objective<SoftmaxTaylor>(m, "SoftmaxTaylor");
  m.def(
      "softmax_taylor",
      [](const SoftmaxModel& model, const Noise& noise) { return SoftmaxTaylor(model, noise); },
      "model"_a, "noise"_a);
}

}  // namespace hessopt::bindings
