#include "hessopt/objectives/objective.hpp"

#include <algorithm>

#include "hessopt/core/error.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/linalg/gram.hpp"

namespace hessopt {

Evaluation::Evaluation(Index n, const Request& request)
    : gradient(Vector::Zero(request.gradient ? n : 0)),
      products(Matrix::Zero(request.along.cols() > 0 ? n : 0, request.along.cols())) {
  if (request.hessian) set_zeros(hessian, n, n);
  if (products.cols() > 0) require_size("V", request.along.rows(), n);
}

void Evaluation::operator+=(const Evaluation& other) {
  value += other.value;
  gradient += other.gradient;
  hessian += other.hessian;
  products += other.products;
  for (std::size_t k = 0; k < residual.size(); ++k) residual[k] += other.residual[k];
  value_error += other.value_error;
}

Vector Evaluation::residual_roots() const {
  Vector out(static_cast<Index>(residual.size()));
  std::ranges::transform(residual, out.begin(), &SumOfSquares::root);
  return out;
}

void Evaluation::clear() {
  value = 0;
  gradient.setZero();
  hessian.setZero();
  products.setZero();
  for (SumOfSquares& sum : residual) sum.clear();
  value_error = 0;
}

void Evaluation::scale(double factor) {
  value *= factor;
  gradient *= factor;
  hessian *= factor;
  products *= factor;
  value_error *= factor * factor;
}

void Evaluation::finish(const Ridge& penalty, ConstVectorRef x, const Request& request) {
  value += penalty.value(x);
  if (gradient.size() > 0) penalty.add_product(x, gradient);
  if (hessian.size() > 0) penalty.add_hessian(hessian);
  for (Index k = 0; k < products.cols(); ++k)
    penalty.add_product(request.along.col(k), products.col(k));
  mirror_lower(hessian);
}

double EvaluatedObjective::value_and_gradient(ConstVectorRef x, VectorRef gradient) const {
  const Evaluation at = evaluate(x, {.gradient = true});
  gradient = at.gradient;
  return at.value;
}
void EvaluatedObjective::hessian(ConstVectorRef x, MatrixRef h) const {
  h = evaluate(x, {.hessian = true}).hessian;
}
void EvaluatedObjective::hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
  out = evaluate(x, {.along = v}).products;
}

}  // namespace hessopt
