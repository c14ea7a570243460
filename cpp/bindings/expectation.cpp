#include <pybind11/eigen.h>

#include "floors.hpp"
#include "hessopt/expectation/integrals.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "noise.hpp"
#include "objective.hpp"

namespace hessopt::bindings {
namespace {

// The same class as the model it comes from, on rows that are dropped as they are read.
template <class Model>
void bind_fixed_samples(py::module_& m) {
  using namespace py::literals;
  m.def(
      "fixed_samples",
      [](const Model& model, const std::string& law, double amount, std::uint64_t seed,
         Index n_samples) {
        const auto noise = std::get<Dropout>(noise_from(law, amount, seed));
        DroppedRows rows(model.data().rows.dense(), noise, n_samples);
        return model.with_data(model.data().with_rows(AnyRows(std::move(rows))));
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a, "n_samples"_a);
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
  bind_fixed_samples<LinearModel<AnyRows>>(m);
  bind_fixed_samples<SoftmaxModel<AnyRows>>(m);
}

}  // namespace hessopt::bindings
