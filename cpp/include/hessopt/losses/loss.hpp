// The shape of a pointwise loss l(eta, y) of a linear predictor eta.
//
// A loss is a struct with a name, a domain of the target, to which 1 belongs, and one function that
// gives value, first and second derivative in eta, finite at least at eta = 1; its members are its
// parameters, numbers. A new loss is one header here and its two lines in table.hpp: kernels,
// bindings, a class in Python and tests follow.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <iterator>

#include "hessopt/losses/chunk.hpp"
#include "hessopt/losses/parameter.hpp"

namespace hessopt {

// d/deta of order 0, 1, 2.
struct Pointwise {
  Chunk value, first, second;
};

template <class L>
concept Loss = NamedLoss<L> && requires(const L& loss, const Chunk& eta, const Chunk& y) {
  { loss.at(eta, y) } -> std::same_as<Pointwise>;
};

// l = a e^(s eta) + b eta with s = 1 or -1, one number of each a row. Under noise its expectation
// is that of e^(s eta), the moment generating function of the noise.
struct ExponentialTerms {
  Chunk scale, sign, slope;  // a, s, b
};

template <class L>
concept ExponentialLoss = Loss<L> && requires(const L& loss, const Chunk& y) {
  { loss.terms(y) } -> std::same_as<ExponentialTerms>;
};

// Where an expansion in the noise wants them. Derivatives of order 3, 4 at the eta of `l`.
struct ThirdAndFourth {
  Chunk third, fourth;
};

template <class L>
concept FourTimesDifferentiable =
    Loss<L> && requires(const L& loss, const Pointwise& l, const Chunk& y) {
      { loss.third_and_fourth(l, y) } -> std::same_as<ThirdAndFourth>;
    };

// A loss that falls without end for some targets: the sign of the predictors towards which it never
// rises, or 0 where it rises both ways, as those without this do for every target.
template <class L>
concept LossThatFalls = Loss<L> && requires(double target) {
  { L::falls(target) } -> std::same_as<double>;
};

}  // namespace hessopt
