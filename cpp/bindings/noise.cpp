#include "noise.hpp"

#include "floors.hpp"

namespace hessopt::bindings {
namespace {

// One law: its number, which is called `amount`, and its seed.
template <class Law>
void bind_law(pybind11::module_& m, const char* name, const char* amount) {
  using pybind11::arg;
  pybind11::class_<Law>(m, name)
      .def(pybind11::init([](double value, std::uint64_t seed) { return Law{value, seed}; }),
           arg(amount), arg("seed") = 0)
      .def_property_readonly("variance", &Law::variance,
                             "Of what an input is multiplied by, or of what is added to it.");
}

}  // namespace

void bind_noise(pybind11::module_& m) {
  bind_law<Dropout>(m, "Dropout", "rate");
  bind_law<DropConnect>(m, "DropConnect", "rate");
  bind_law<GaussianDropout>(m, "GaussianDropout", "rate");
  bind_law<GaussianNoise>(m, "GaussianNoise", "scale");
}

}  // namespace hessopt::bindings
