// A law of the noise from the name, the number and the seed that Python has of it.
#pragma once

#include <string>

#include "hessopt/core/error.hpp"
#include "hessopt/dropout/noise.hpp"

namespace hessopt::bindings {

inline Noise noise_from(const std::string& law, double amount, std::uint64_t seed) {
  if (law == "Dropout") return Dropout{amount, seed};
  if (law == "DropConnect") return DropConnect{amount, seed};
  if (law == "GaussianDropout") return GaussianDropout{amount, seed};
  require(law == "GaussianNoise", "noise", law, "a law of the noise");
  return GaussianNoise{amount, seed};
}

}  // namespace hessopt::bindings
