// The laws of the noise: what it is put on, its one number, its seed and its variance.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <variant>

namespace hessopt {

// Noise that multiplies by a factor of mean one and variance rate / (1 - rate), which is that of a
// factor that is 0 with probability `rate`, else 1 / (1 - rate).
struct FactorNoise {
  static constexpr bool additive = false;
  double rate;
  std::uint64_t seed = 0;

  double keep() const { return 1.0 - rate; }
  double factor_of_kept() const { return 1.0 / keep(); }
  double variance() const { return rate / keep(); }
  double deviation() const { return std::sqrt(variance()); }
};

// An input is multiplied by that factor: the fraction `rate` is dropped.
struct Dropout : FactorNoise {
  static constexpr bool drops = true;
};

// The same for a parameter, once per sample for all rows. L. Wan, M. Zeiler, S. Zhang, Y. LeCun,
// R. Fergus, "Regularization of neural networks using DropConnect", ICML 2013.
struct DropConnect : FactorNoise {
  static constexpr bool drops = true;
};

// An input is multiplied by a normal number of the same mean and variance.
struct GaussianDropout : FactorNoise {
  static constexpr bool drops = false;
};

// A normal number of mean 0 and deviation `scale` is added to an input.
struct GaussianNoise {
  static constexpr bool additive = true, drops = false;
  double scale;
  std::uint64_t seed = 0;

  double variance() const { return scale * scale; }
  double deviation() const { return scale; }
};

using Noise = std::variant<Dropout, DropConnect, GaussianDropout, GaussianNoise>;

// Of what an input, or a parameter, is multiplied by; or of what is added to it.
inline double variance_of(const Noise& noise) {
  return std::visit([](const auto& law) { return law.variance(); }, noise);
}
inline bool is_additive(const Noise& noise) {
  return std::visit([](const auto& law) { return law.additive; }, noise);
}

// The fraction dropped of the terms x_j w_j of a predictor, one independent of another: of inputs
// or of parameters. Nothing where none are.
inline std::optional<double> rate_of_dropped(const Noise& noise) {
  return std::visit(
      []<class Law>(const Law& law) -> std::optional<double> {
        if constexpr (Law::drops)
          return law.rate;
        else
          return std::nullopt;
      },
      noise);
}

}  // namespace hessopt
