#include "hessopt/solvers/adam.hpp"
#include "hessopt/solvers/gradient_descent.hpp"
#include "solver.hpp"

namespace hessopt::bindings {
namespace {

using AnyGradientDescent = AnySolver<GradientDescent<double>, GradientDescent<float>>;
using AnyAdam = AnySolver<Adam<double>, Adam<float>>;

}  // namespace

void bind_fixed_rate(py::module_& m) {
  using namespace py::literals;
  bind_solver<GradientDescent<double>, GradientDescent<float>>(m, "GradientDescent")
      .def(py::init([](const py::object& x0, double learning_rate, double momentum,
                       const Limits& limits, bool history) {
             return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
               return AnyGradientDescent{
                   GradientDescent<T>(std::move(run), learning_rate, momentum)};
             });
           }),
           "x0"_a, "learning_rate"_a, "momentum"_a, "limits"_a, "history"_a);
  bind_solver<Adam<double>, Adam<float>>(m, "Adam").def(
      py::init([](const py::object& x0, double learning_rate, double beta1, double beta2,
                  double epsilon, double weight_decay, bool amsgrad, const Limits& limits,
                  bool history) {
        const AdamOptions options{beta1, beta2, epsilon, weight_decay, amsgrad};
        return with_run(x0, limits, history, [&]<class T>(Run<T> run) {
          return AnyAdam{Adam<T>(std::move(run), learning_rate, options)};
        });
      }),
      "x0"_a, "learning_rate"_a, "beta1"_a, "beta2"_a, "epsilon"_a, "weight_decay"_a, "amsgrad"_a,
      "limits"_a, "history"_a);
}

}  // namespace hessopt::bindings
