#include <pybind11/eigen.h>

#include "floors.hpp"
#include "hessopt/expectation/closed_form.hpp"
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

template <Loss L>
py::object closed_form(const LinearModel<AnyRows>& model, const Dropout& noise) {
  return py::cast(ClosedForm<L, AnyRows>(model, noise));
}

}  // namespace

void bind_expectation(py::module_& m) {
  using namespace py::literals;
  bind_objective<ClosedForm<Squared, AnyRows>>(m, "SquaredClosedForm");
  bind_objective<ClosedForm<Logistic, AnyRows>>(m, "LogisticClosedForm");
  m.def(
      "closed_form",
      [](const LinearModel<AnyRows>& model, const std::string& law, double amount,
         std::uint64_t seed) {
        const auto noise = std::get<Dropout>(noise_from(law, amount, seed));
        return model.loss().name() == std::string(Squared::name)
                   ? closed_form<Squared>(model, noise)
                   : closed_form<Logistic>(model, noise);
      },
      "model"_a, "law"_a, "amount"_a, "seed"_a);
  bind_fixed_samples<LinearModel<AnyRows>>(m);
  bind_fixed_samples<SoftmaxModel<AnyRows>>(m);
}

}  // namespace hessopt::bindings
