// The laws of the noise: what it is put on, its one number and its seed. Rates are the fraction
// that dropout drops; c = rate / (1 - rate) is the variance of a factor of mean one.
#pragma once

#include <cstdint>
#include <variant>

namespace hessopt {

// An input is zero with probability `rate`, else divided by 1 - rate.
struct Dropout {
  double rate;
  std::uint64_t seed = 0;

  double keep() const { return 1.0 - rate; }
  double variance() const { return rate / keep(); }
};

// The same for a parameter, once per sample for all rows. L. Wan, M. Zeiler, S. Zhang, Y. LeCun,
// R. Fergus, "Regularization of neural networks using DropConnect", ICML 2013.
struct DropConnect {
  double rate;
  std::uint64_t seed = 0;

  double keep() const { return 1.0 - rate; }
  double variance() const { return rate / keep(); }
};

// An input is multiplied by a normal number of mean 1 and the variance of dropout's factor.
struct GaussianDropout {
  double rate;
  std::uint64_t seed = 0;

  double variance() const { return rate / (1.0 - rate); }
};

// A normal number of mean 0 and deviation `scale` is added to an input.
struct GaussianNoise {
  double scale;
  std::uint64_t seed = 0;

  double variance() const { return scale * scale; }
};

using Noise = std::variant<Dropout, DropConnect, GaussianDropout, GaussianNoise>;

}  // namespace hessopt
