#include <string>
#include <variant>

#include "arguments.hpp"
#include "floors.hpp"
#include "hessopt/networks/batch_adam.hpp"
#include "in_use.hpp"
#include "norm_statistics.hpp"

namespace hessopt::bindings {
namespace {

Decline decline_of(const std::string& name) {
  if (name == "linear") return Decline::linear;
  return name == "cosine" ? Decline::cosine : Decline::none;
}

// In the precision of the network that it is for.
class AnyBatchAdam {
 public:
  using Either = std::variant<BatchAdam<double>, BatchAdam<float>>;

  explicit AnyBatchAdam(Either it) : it_(std::move(it)) {}

  static AnyBatchAdam make(const Network& network, const py::object& x0,
                           const BatchAdamOptions& options) {
    const VectorArgument start("x0", x0, network.n_parameters());
    return std::visit(
        [&]<Real T>(const MatrixView<T>&) {
          return AnyBatchAdam(BatchAdam<T>(start.map().cast<T>(), network, options));
        },
        network.data().x().view());
  }
  static AnyBatchAdam load(const py::bytes& state) {
    const std::string_view bytes(state);
    if (!is_saved<BatchAdam<float>>(bytes)) return read<double>(bytes);
    return read<float>(bytes);
  }

  template <class F>
  auto reading(F&& f) const {
    const InUse::Reading reading(in_use_);
    return std::visit(std::forward<F>(f), it_);
  }
  // Nothing is lost where it is interrupted: what has changed is whole steps.
  double run_epoch(const Network& network) {
    const InUse::Changing changing(in_use_);
    const py::gil_scoped_release release;
    return std::visit([&](auto& it) { return it.run_epoch(network); }, it_);
  }

 private:
  template <Real T>
  static AnyBatchAdam read(std::string_view bytes) {
    BatchAdam<T> it;
    hessopt::load(it, bytes);
    return AnyBatchAdam(std::move(it));
  }

  Either it_;
  InUse in_use_;
};

}  // namespace

void bind_training(py::module_& m) {
  using namespace py::literals;
  py::class_<AnyBatchAdam>(m, "BatchAdam")
      .def(py::init([](const Network& network, const py::object& x0, Index epochs, Index batch_size,
                       double learning_rate, const std::string& schedule, double warmup,
                       const std::tuple<double, double, double, double, bool>& adam, Index averaged,
                       std::uint64_t seed) {
             const auto [beta1, beta2, epsilon, decay, amsgrad] = adam;
             return AnyBatchAdam::make(
                 network, x0,
                 {batch_size, epochs, learning_rate, warmup, decline_of(schedule), averaged, seed,
                  AdamOptions{beta1, beta2, epsilon, decay, amsgrad}});
           }),
           "network"_a, "x0"_a, "epochs"_a, "batch_size"_a, "learning_rate"_a, "schedule"_a,
           "warmup"_a, "adam"_a, "averaged_epochs"_a, "seed"_a)
      .def("run_epoch", &AnyBatchAdam::run_epoch, "network"_a,
           "An epoch, or what is left of one that was interrupted. Returns the mean of the values "
           "of its batches, each at the point where its step began and under its own masks.")
      .def_property_readonly(
          "x",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) -> py::array { return to_numpy(it.x()); });
          },
          "The iterate, shape (n_parameters,), in the precision of the network.")
      .def_property_readonly(
          "mean",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) -> py::array { return to_numpy(it.mean()); });
          },
          "The mean of the iterates of the last epochs, where one is kept and they have begun; "
          "else `x`.")
      .def_property_readonly(
          "running",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) { return to_python(it.running()); });
          },
          "(mean, variance) of the inputs of each `BatchNorm`, arrays of a number a unit: averages "
          "of the statistics of the batches so far, which the iterates of late weigh most in; or "
          "its fixed ones.")
      .def_property_readonly(
          "n_steps",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) { return it.steps(); });
          },
          "Steps taken.")
      .def_property_readonly(
          "n_epochs",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) { return it.epochs(); });
          },
          "Whole epochs done.")
      .def_property_readonly(
          "learning_rate",
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) { return it.rate(); });
          },
          "That of the next step.")
      .def(py::pickle(
          [](const AnyBatchAdam& any) {
            return any.reading([](const auto& it) { return py::bytes(save(it)); });
          },
          [](const py::bytes& state) { return AnyBatchAdam::load(state); }));
}

}  // namespace hessopt::bindings
