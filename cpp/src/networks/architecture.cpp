#include "hessopt/networks/architecture.hpp"

#include <algorithm>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// By name in the table; both precisions have the same.
Index find_activation(const std::string& name) {
  const auto& table = kernels::networks<double>();
  for (Index k = 0; k < table.n_activations; ++k)
    if (table.activations[k].name == name) return k;
  throw ArgumentError("activation", name, "the name of an activation");
}

}  // namespace

Architecture::Architecture(std::vector<Layer> layers, double input_rate)
    : layers_(std::move(layers)), input_rate_(input_rate) {
  require(!layers_.empty(), "layers", "none", "at least one dense layer");
  Index at = 0, inputs = layers_.front().inputs;
  for (Layer& layer : layers_) {
    require_size("inputs", layer.inputs, inputs);
    require(layer.units >= 1, "units", std::to_string(layer.units), "an integer >= 1");
    require(layer.rate >= 0 && layer.rate < 1, "rate", text(layer.rate), "a fraction in [0, 1)");
    layer.activation_index = find_activation(layer.activation);
    layer.weights = at;
    layer.biases = at + layer.inputs * layer.units;
    at = layer.biases + layer.units;
    inputs = layer.units;
  }
  n_parameters_ = at;
  require(input_rate >= 0 && input_rate < 1, "rate", text(input_rate), "a fraction in [0, 1)");
  const Layer& last = layers_.back();
  require(last.activation == "identity", "layers", last.activation + " on the outputs",
          "a last dense layer without activation: the loss has its own");
  require(last.rate == 0, "layers", "dropout of the outputs", "a last layer without dropout");
}

Index Architecture::widest() const {
  Index most = width(0);
  for (const Layer& layer : layers_) most = std::max(most, layer.units);
  return most;
}

Index Architecture::first_masked() const {
  Index l = 0;
  while (l < depth() && rate(l) == 0) ++l;
  return l;
}

}  // namespace hessopt
