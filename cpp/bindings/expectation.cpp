#include "floors.hpp"
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
template <class Model>
void bind_fixed_samples(py::module_& m, const char* name) {
  using namespace py::literals;
  bind_objective<ParameterSamples<Model>>(m, name);
  m.def(
      "fixed_samples",
      [](const Model& model, const std::string& law, double amount, std::uint64_t seed,
         Index n_samples, bool antithetic, const py::array& points) -> py::object {
        const Noise noise = noise_from(law, amount, seed);
        const NoiseSamples samples = samples_from(noise, n_samples, antithetic, points);
        if (std::holds_alternative<DropConnect>(noise))
          return py::cast(ParameterSamples<Model>(model, samples));
        NoisyRows rows(model.data().rows.dense(), samples);
        return py::cast(model.with_data(model.data().with_rows(AnyRows(std::move(rows)))));
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a, "n_samples"_a, "antithetic"_a, "points"_a);
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
  bind_objective<ClosedForm<AnyRows>>(m, "ClosedForm");
  bind_objective<ProductForm<AnyRows>>(m, "ProductForm");
  m.def(
      "closed_form",
      [](const LinearModel<AnyRows>& model, const std::string& law, double amount,
         std::uint64_t seed, const std::string& method) {
        return closed_form(model, noise_from(law, amount, seed), integral_from(method));
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a, "method"_a, "None where there is no such form.");
  bind_fixed_samples<LinearModel<AnyRows>>(m, "LinearParameterSamples");
  bind_fixed_samples<SoftmaxModel<AnyRows>>(m, "SoftmaxParameterSamples");
}

}  // namespace hessopt::bindings
