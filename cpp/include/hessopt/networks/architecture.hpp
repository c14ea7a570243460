// What a network is made of, and where each layer's numbers stand among the parameters.
//
//   a_0 = x,  z_l = W_l'a_{l-1} + b_l,  a_l = s_l o phi_l(z_l),  l = 1 .. L,
//
// s_l is 1, or a mask of dropout divided by the fraction kept, and z_L the outputs. Parameters are
// (W_1, b_1, W_2, b_2, ...), W_l inputs x units, row by row.
#pragma once

#include <string>
#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

struct Layer {
  Index inputs;
  Index units;
  std::string activation = "identity";
  double parameter = 0;  // of the activation, where it has one
  double rate = 0;       // that its outputs are dropped at
  // Filled in by Architecture.
  Index activation_index = 0;
  Index weights = 0;  // where W begins
  Index biases = 0;   // and b
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
  Index n_parameters() const { return n_parameters_; }

 private:
  std::vector<Layer> layers_;
  double input_rate_;
  Index n_parameters_ = 0;
};

}  // namespace hessopt
