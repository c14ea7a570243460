// What a network is made of, and where each layer's numbers stand among the parameters.
//
//   a_0 = x,  z_l = W_l'a_{l-1} + b_l,  a_l = s_l o phi_l(z_l),  l = 1 .. L,
//
// or, of a layer of batch normalisation, z_l = gamma_l o (a_{l-1} - mean_l) / sqrt(variance_l +
// eps_l) + beta_l. s_l is 1, or a mask of dropout divided by the fraction kept, and z_L the
// outputs. Parameters are those of the layers one after another: (W_l, b_l), W_l inputs x units,
// row by row, or (gamma_l, beta_l).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

// Of the inputs of a layer, a number each.
struct Statistics {
  Vector mean;
  Vector variance;

  template <class A>
  void fields(A& archive) {
    archive(mean, variance);
  }
};

struct Normalization {
  double eps = 1e-5;
  double momentum = 0.1;   // share of a new batch in running averages
  Index ddof = 0;          // sum w (u - mean)^2 / (1 - ddof sum w^2) is the variance
  Index running_ddof = 1;  // and that which running averages are of
  // Fixed ones; without them those of the rows, weights and masks among them.
  std::optional<Statistics> fixed = {};
};

struct Layer {
  Index inputs;
  Index units;  // as many as inputs where it normalises
  std::string activation = "identity";
  double parameter = 0;  // of the activation, where it has one
  double rate = 0;       // that its outputs are dropped at
  bool has_bias = true;
  std::optional<Normalization> norm = {};
  // Filled in by Architecture.
  Index activation_index = 0;
  Index weights = 0;  // where W begins, or gamma
  Index biases = 0;   // and b, or beta

  // Whether it needs all rows before the next layer goes on.
  bool is_barrier() const { return norm && !norm->fixed; }
  // Numbers that a unit is a sum of: inputs and 1, or its own input, normalised, and 1.
  Index fed() const { return norm ? 2 : inputs + (has_bias ? 1 : 0); }
};

class Architecture {
 public:
  // Layers 1 .. L, and the rate that inputs are dropped at.
  Architecture(std::vector<Layer> layers, double input_rate);

  Index depth() const { return static_cast<Index>(layers_.size()); }  // L
  const Layer& layer(Index l) const { return layers_[static_cast<std::size_t>(l - 1)]; }
  Index width(Index l) const { return l == 0 ? layer(1).inputs : layer(l).units; }
  Index widest() const;
  double rate(Index l) const { return l == 0 ? input_rate_ : layer(l).rate; }
  // The first l with a rate, whose a_l differ from one sample of masks to the next; L: none.
  Index first_masked() const;
  bool has_masks() const { return first_masked() < depth(); }
  // Layers of batch normalisation, and those of them that need all rows.
  std::vector<Index> norms() const;
  std::vector<Index> barriers() const;
  Index n_parameters() const { return n_parameters_; }

  // The same layers with these statistics, of all layers of batch normalisation in their order.
  Architecture fixed(const std::vector<Statistics>& statistics) const;
  Architecture without_masks() const;

 private:
  std::vector<Layer> layers_;
  double input_rate_;
  Index n_parameters_ = 0;
};

}  // namespace hessopt
