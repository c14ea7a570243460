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
      [](const SoftmaxModel& model, const std::string& law, double amount, std::uint64_t seed) {
        return SoftmaxTaylor(model, noise_from(law, amount, seed));
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a);
}

}  // namespace hessopt::bindings
