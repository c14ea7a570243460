// The shape of an objective, and what every compiled one is asked and answers.
#pragma once

#include <concepts>
#include <vector>

#include "hessopt/core/root_of_squares.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/objectives/penalty.hpp"

namespace hessopt {

// f: R^n -> R with its derivatives. Solvers need the first line; Newton needs the second.
template <class F>
concept Objective = requires(const F& f, ConstVectorRef x, VectorRef gradient, MatrixRef h,
                             ConstVectorRef v, VectorRef hv) {
  { f.n_parameters() } -> std::same_as<Index>;
  { f.value_and_gradient(x, gradient) } -> std::same_as<double>;
  f.hessian(x, h);
  f.hessp(x, v, hv);
};

// What is wanted at a point beside the value.
struct Request {
  bool gradient = false;
  bool hessian = false;
  bool gauss_newton = false;  // of networks: Hessian and products without their own curvature
  bool residual = false;      // of models of a linear predictor
  bool rough = false;         // products of the Hessian in float32 or less, summed in float64
  Matrix along = {};          // V of the products H V; no columns: none
  // Of models: the Hessian is that in (w, b + origin'w), whose columns are X - 1 origin'. Where
  // columns lie far from 0, the other has lost what they differ by. Empty: 0.
  Vector origin = {};
};

// f and those of its derivatives that were asked for, the others empty: a sum over rows.
struct Evaluation {
  double value = 0;
  Vector gradient;
  Matrix hessian;   // its lower triangle, until the sum is complete
  Matrix products;  // H V
  // Of a model, for each of its linear predictors: the weighted root mean square over the rows of
  // the derivative of the loss in it, as a sum of squares.
  std::vector<SumOfSquares> residual;
  // Beside it, where products of rows are rounded to float32: the expected square of what that
  // changes the value by.
  double value_error = 0;

  Evaluation(Index n, const Request& request);
  void operator+=(const Evaluation& other);
  Vector residual_roots() const;
  void clear();
  void scale(double factor);
  // Adds the penalty and completes the Hessian.
  void finish(const Ridge& penalty, ConstVectorRef x, const Request& request);
};

// What gives all of it from one pass.
class EvaluatedObjective {
 public:
  virtual ~EvaluatedObjective() = default;
  virtual Index n_parameters() const = 0;
  virtual Evaluation evaluate(ConstVectorRef x, const Request& request) const = 0;

  double value_and_gradient(ConstVectorRef x, VectorRef gradient) const;
  void hessian(ConstVectorRef x, MatrixRef h) const;
  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const;
};

}  // namespace hessopt
