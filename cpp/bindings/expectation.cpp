#include "floors.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/expectation/integrals.hpp"
#include "hessopt/expectation/parameter_samples.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "noise.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

// `points`: for a net, a point a row, in C order; else nothing.
NoiseSamples samples_from(const Noise& law, Index count, bool antithetic, const py::array& points) {
  if (points.size() == 0) return {law, count, antithetic};
  const Elements<const std::uint32_t> net(points, 2);
  return {law, std::make_shared<const NetPoints>(
                   Eigen::Map<const NetPoints>(net.in_c_order(), net.size(0), net.size(1)))};
}

// Noise of the inputs: the same class as the model it comes from, on rows that get their noise as
// they are read. Noise of the parameters: a class of its own.
template <std::derived_from<ModelOfRows> Model>
void bind_fixed_samples(py::module_& m) {
  using namespace py::literals;
  m.def(
      "fixed_samples",
      [](const Model& model, const Noise& noise, Index n_samples, bool antithetic,
         const py::array& points) -> py::object {
        const NoiseSamples samples = samples_from(noise, n_samples, antithetic, points);
        if (std::holds_alternative<DropConnect>(noise))
          return py::cast(ParameterSamples(model, samples));
        return py::cast(fixed_samples(model, samples));
      },
      "model"_a, "noise"_a, "n_samples"_a, "antithetic"_a, "points"_a);
}

template <class Form>
void bind_form(py::module_& m, const char* name) {
  bind_objective<Form>(m, name).def_property_readonly("has_rare_columns", &Form::has_rare_columns,
                                                      "Whether X is sparse: as of models.");
}

Integral integral_from(const std::string& name) {
  if (name == "exact") return Integral::exact;
  if (name == "normal") return Integral::normal;
  require(name == "taylor", "method", name, "'exact', 'normal' or 'taylor'");
  return Integral::taylor;
}

}  // namespace

void bind_expectation(py::module_& m) {
  using namespace py::literals;
  bind_form<ClosedForm>(m, "ClosedForm");
  bind_form<ProductForm>(m, "ProductForm");
  m.def(
      "closed_form",
      [](const LinearModel& model, const Noise& noise, const std::string& method) {
        return closed_form(model, noise, integral_from(method));
      },
      "model"_a, "noise"_a, "method"_a, "None where there is no such form.");
  bind_form<ParameterSamples>(m, "ParameterSamples");
  bind_fixed_samples<LinearModel>(m);
  bind_fixed_samples<SoftmaxModel>(m);
}

}  // namespace hessopt::bindings
