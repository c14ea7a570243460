// Whether a model has a minimum. It has none where it falls without end along a direction: where
// classes are separated, or all counts of a level are zero. A. Albert, J. A. Anderson, "On the
// existence of maximum likelihood estimates in logistic regression models", Biometrika 71 (1984).
//
// Let d be the least point of the squared hinge of inequalities.hpp. Then sum_i (1 - z_i)_+ a_i =
// 0, z_i = a_i'd, so that no direction e with a_i'e >= 0 everywhere can have a_i'e > 0 where z_i
// < 1. Such rows become equations, in whose null space the search goes on, until no row is left
// with z_i < 1, and d is such a direction, or no direction is left, and there is a minimum.
#pragma once

#include <optional>

#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"

namespace hessopt {

// A direction along which a model falls without end, and the rows whose loss falls.
struct Recession {
  Vector direction;
  Index rows;
};

// A direction of recession of a model, told by its rows and, where they are many, by how steeply
// their losses fall at x, where a run has ended. Nothing where there is a minimum, or no telling,
// or no loss that has come near its infimum.
std::optional<Recession> recession(const LinearModel& model, ConstVectorRef x);
std::optional<Recession> recession(const SoftmaxModel& model, ConstVectorRef x);

}  // namespace hessopt
