// The exponential loss of boosting, whose minimum over eta is half the log-odds of the labels:
//   l = e^u,  u = (1 - 2y) eta,  y in {0, 1}.
//
// J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a statistical view of
// boosting", Ann. Statist. 28 (2000).
#pragma once

#include "hessopt/losses/loss.hpp"

namespace hessopt {

struct Exponential {
  static constexpr const char* name = "Exponential";
  static constexpr const char* target = "labels 0 and 1";
  static bool accepts(double y) { return y == 0.0 || y == 1.0; }
  static double falls(double y) { return 2 * y - 1; }

  Pointwise at(const Chunk& eta, const Chunk& y) const {
    const Chunk sign = 1.0 - 2.0 * y, e = detail::exponential(sign * eta);
    return {e, sign * e, e};
  }
  ExponentialTerms terms(const Chunk& y) const {
    return {Chunk::Ones(), 1.0 - 2.0 * y, Chunk::Zero()};
  }
};

}  // namespace hessopt
