// What a loss says of itself but for its formula, and its parameters as plain numbers.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <iterator>

#include "hessopt/kernels/losses.hpp"

namespace hessopt {

template <class L>
concept NamedLoss = requires(const L& loss, double target) {
  { L::name } -> std::convertible_to<const char*>;
  { L::target } -> std::convertible_to<const char*>;  // the domain, in words
  { loss.accepts(target) } -> std::same_as<bool>;
};

// A loss with parameters is an aggregate of these numbers, and says in `parameters` what they are.
template <class L>
concept LossWithParameters = NamedLoss<L> && requires {
  { L::parameters[0] } -> std::convertible_to<kernels::LossParameter>;
};

template <NamedLoss L>
constexpr std::size_t number_of_parameters() {
  if constexpr (LossWithParameters<L>)
    return std::size(L::parameters);
  else
    return 0;
}

template <NamedLoss L>
constexpr auto parameters_of([[maybe_unused]] const L& loss) {
  using Numbers = std::array<double, number_of_parameters<L>()>;
  if constexpr (LossWithParameters<L>)
    return std::bit_cast<Numbers>(loss);
  else
    return Numbers{};
}

template <NamedLoss L>
inline constexpr auto default_parameters = parameters_of(L{});

// Convex in the predictor for every target, unless `convex()` of the loss says that it is not.
template <NamedLoss L>
constexpr bool is_convex([[maybe_unused]] const L& loss) {
  if constexpr (requires { loss.convex(); })
    return loss.convex();
  else
    return true;
}

template <NamedLoss L>
L loss_with([[maybe_unused]] const double* parameters) {
  if constexpr (LossWithParameters<L>) {
    std::array<double, number_of_parameters<L>()> numbers;
    for (double& number : numbers) number = *parameters++;
    return std::bit_cast<L>(numbers);
  } else {
    return {};
  }
}

}  // namespace hessopt
