#include "hessopt/networks/architecture.hpp"

#include <algorithm>
#include <cmath>
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

void require_statistics(const Statistics& of, Index units) {
  require_size("statistics", of.mean.size(), units);
  require_size("statistics", of.variance.size(), units);
  require(of.mean.allFinite() && of.variance.allFinite(), "statistics", "NaN or inf",
          "finite numbers");
  require(of.variance.minCoeff() >= 0, "statistics", text(of.variance.minCoeff()),
          "variances >= 0");
}

void require_norm(const Layer& layer) {
  const Normalization& norm = *layer.norm;
  require_size("units", layer.units, layer.inputs);
  require(norm.eps > 0 && std::isfinite(norm.eps), "eps", text(norm.eps), "a finite number > 0");
  require(norm.momentum >= 0 && norm.momentum <= 1, "momentum", text(norm.momentum),
          "a number in [0, 1]");
  require(norm.ddof == 0 || norm.ddof == 1, "ddof", std::to_string(norm.ddof), "0 or 1");
  require(norm.running_ddof == 0 || norm.running_ddof == 1, "running_ddof",
          std::to_string(norm.running_ddof), "0 or 1");
  if (norm.fixed) require_statistics(*norm.fixed, layer.units);
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
    if (layer.norm) require_norm(layer);
    layer.activation_index = find_activation(layer.activation);
    layer.weights = at;
    layer.biases = at + (layer.norm ? 1 : layer.inputs) * layer.units;
    at = layer.biases + (layer.has_bias ? layer.units : 0);
    inputs = layer.units;
  }
  n_parameters_ = at;
  require(input_rate >= 0 && input_rate < 1, "rate", text(input_rate), "a fraction in [0, 1)");
  const Layer& last = layers_.back();
  require(!last.norm, "layers", "batch normalisation of the outputs", "a last dense layer");
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

std::vector<Index> Architecture::norms() const {
  std::vector<Index> found;
  for (Index l = 1; l <= depth(); ++l)
    if (layer(l).norm) found.push_back(l);
  return found;
}

std::vector<Index> Architecture::barriers() const {
  std::vector<Index> found = norms();
  std::erase_if(found, [&](Index l) { return !layer(l).is_barrier(); });
  return found;
}

Architecture Architecture::fixed(const std::vector<Statistics>& statistics) const {
  const std::vector<Index> of = norms();
  require_size("statistics", std::ssize(statistics), std::ssize(of));
  Architecture out = *this;
  for (std::size_t k = 0; k < of.size(); ++k) {
    Layer& layer = out.layers_[static_cast<std::size_t>(of[k] - 1)];
    require_statistics(statistics[k], layer.units);
    layer.norm->fixed = statistics[k];
  }
  return out;
}

Architecture Architecture::without_masks() const {
  Architecture out = *this;
  out.input_rate_ = 0;
  for (Layer& layer : out.layers_) layer.rate = 0;
  return out;
}

}  // namespace hessopt
