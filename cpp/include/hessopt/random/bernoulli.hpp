// Bernoulli bits of any probability, 2048 at a time, by lazy comparison of bit planes.
//
// Element e is one iff U_e < p, where U_e = 0.U0 U1 U2 ... in binary is read from the planes, most
// significant first, and compared with the digits of T = floor(p 2^64). Lanes that a register holds
// stop when none of their elements is undecided or the digits left are all zero: t planes for a
// dyadic p of t digits, about 12 for any other, and P(one) = p to 2^-64.
//
// The antithetic bits are those of the complement of U, ~U < T, which is not U < 2^64 - T: they
// have the same law and take no other random numbers.
#pragma once

#include "hessopt/random/stream.hpp"

namespace hessopt {

struct Bernoulli : kernels::BernoulliLaw {
  explicit Bernoulli(double p, bool antithetic = false);
};

}  // namespace hessopt
