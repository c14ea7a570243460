// Noise put on the numbers of a tensor that are stored, wherever they stand in it: the same random
// numbers as where all are there, drawn for these alone.
#pragma once

#include "hessopt/kernels/dropout.hpp"

namespace hessopt::kernels {

// Elements anywhere of a tensor.
struct Scattered {
  const Index* elements;  // in the noise
  const Index* columns;   // of a net, each of them
  Index count;
};

struct ScatteredKernels {
  // Kept times scale, or zero.
  void (*dropout)(const MaskLaw&, const Scattered&, double scale, double* x) noexcept;
  // x (1 + deviation z)
  void (*gaussian_dropout)(const Stream&, const Scattered&, double deviation, double* x) noexcept;
  // The same of a digital net. Kept are the fractions up to `last`.
  void (*net_dropout)(const NetPoint&, const Scattered&, std::uint32_t last, double scale,
                      double* x) noexcept;
  void (*net_gaussian_dropout)(const NetPoint&, const Scattered&, double deviation,
                               double* x) noexcept;
};

}  // namespace hessopt::kernels
