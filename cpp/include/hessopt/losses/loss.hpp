// The shape of a pointwise loss l(eta, y) of a linear predictor eta, and the table of all.
//
// A loss is a struct with a name, a domain of the target, and one function that writes value, first
// and second derivative in eta of a block of rows; a new loss is one header here and one line in
// HESSOPT_FOR_EACH_LOSS: bindings and tests follow from the table.
#pragma once

#include <concepts>

#include "hessopt/core/types.hpp"

namespace hessopt {

// d/deta of order 0, 1, 2 for a block of rows.
struct Pointwise {
  Array value, first, second;
};

template <class L>
concept Loss = requires(const Array& eta, const Array& y, Pointwise& out, double target) {
  { L::name } -> std::convertible_to<const char*>;
  { L::target } -> std::convertible_to<const char*>;  // the domain, in words
  { L::accepts(target) } -> std::same_as<bool>;
  L::evaluate(eta, y, out);
};

}  // namespace hessopt

#include "hessopt/losses/logistic.hpp"
#include "hessopt/losses/squared.hpp"

#define HESSOPT_FOR_EACH_LOSS(X) \
  X(Squared)                     \
  X(Logistic)
