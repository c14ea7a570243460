#include "hessopt/objectives/recession.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/modified_cholesky.hpp"
#include "hessopt/linalg/null_space.hpp"
#include "hessopt/objectives/inequalities.hpp"
#include "hessopt/objectives/separating_column.hpp"

namespace hessopt {
namespace detail {
namespace {

// Matrices here are positive semidefinite with a diagonal of about 1.
constexpr double singular = 1e-11;

// Vectors v with H v = 0.
Matrix flat_directions(const Matrix& h) {
  const Index n = h.cols();
  if (n == 0 || h.diagonal().maxCoeff() <= singular) return Matrix::Identity(n, n);
  return is_definite(h, singular) ? Matrix(n, 0) : null_space(h, singular);
}

// The columns of `basis` scaled to be seen by the rows as 1, those left out that hardly any row
// sees.
Matrix as_seen(const Inequalities& rows, const Matrix& basis) {
  constexpr double least = 1e-7;  // rounding errors of a null space, which are seen as 1e-8
  const Matrix h = rows.evaluate(Vector::Zero(basis.rows())).hessian;  // of all rows
  const Array size =
      basis.cwiseProduct(h * basis).colwise().sum().transpose().array().max(0.0).sqrt();
  std::vector<Index> seen;
  for (Index j = 0; j < size.size(); ++j)
    if (size[j] > least) seen.push_back(j);
  const Matrix scaled = basis * (1.0 / size.max(least)).matrix().asDiagonal();
  return scaled(Eigen::all, seen);
}

// The least point of phi in the span of `basis`.
Vector least_point(const Inequalities& rows, const Matrix& basis) {
  constexpr int most_steps = 100;
  constexpr double ridge = 1e-13, no_fall = 1e-20, shortest = 1e-6;
  Vector d = Vector::Zero(basis.rows());
  Evaluation at = rows.evaluate(d);
  for (int steps = 0; steps < most_steps; ++steps) {
    Matrix h = basis.transpose() * at.hessian * basis;
    h.diagonal().array() += ridge;
    modified_cholesky(h);
    const Vector g = basis.transpose() * at.gradient;
    Vector c = -g;
    cholesky_solve_in_place(h, c);
    const Vector step = basis * c;
    const double fall = -g.dot(c);
    if (!(fall > no_fall)) break;
    double length = 1;
    Evaluation next = rows.evaluate(d + step);
    while (!(next.value <= at.value - 1e-4 * length * fall) && length > shortest) {
      length /= 2;
      next = rows.evaluate(d + length * step);
    }
    if (!(next.value < at.value)) break;
    d += length * step;
    at = std::move(next);
  }
  return d;
}

// d with its equations z = 0 solved to their last digits; the others have z near 1 or more.
Vector polished(Inequalities rows, const Matrix& basis, Vector d) {
  rows.rebind(d, [](Bound bound, double z) {
    return bound == Bound::tied || z < 0.5 ? Bound::tied : Bound::none;
  });
  Matrix h = basis.transpose() * rows.equations() * basis;
  h.diagonal().array() += 1e-9;
  modified_cholesky(h);
  for (int times = 0; times < 3; ++times) {
    Vector c = basis.transpose() * rows.evaluate(d).gradient;
    cholesky_solve_in_place(h, c);
    d -= basis * c;
  }
  return d;
}

// Directions of `basis` that the equations leave.
Matrix left_by_equations(const Inequalities& rows, const Matrix& basis) {
  return basis * flat_directions(basis.transpose() * rows.equations() * basis);
}

// A direction within the span of `all`, or nothing.
std::optional<Vector> direction_within(const Inequalities& rows, const Matrix& all) {
  constexpr double rounding = 1e-6;  // of z at the least point
  Matrix basis = as_seen(rows, left_by_equations(rows, all));
  while (basis.cols() > 0) {
    const Vector d = least_point(rows, basis);
    const Matrix h = basis.transpose() * rows.evaluate(d, {.slack = rounding}).hessian * basis;
    const Matrix rest = flat_directions(h);
    if (rest.cols() == basis.cols()) return polished(rows, all, d);
    basis = as_seen(rows, basis * rest);
  }
  return std::nullopt;
}

Inequalities inequalities(const LinearModel& model, const ColumnMoments& moments) {
  const auto& data = model.data();
  Array side(data.target.size());
  const Array weight = data.weights(0, side.size());
  Inequalities::Bounds bounds(side.size(), 1);
  for (Index i = 0; i < side.size(); ++i) {
    const double falls = model.loss().falls(data.target[i]);
    side[i] = falls == 0 ? 1 : falls;
    bounds(i, 0) = weight[i] == 0 ? Bound::none : falls == 0 ? Bound::tied : Bound::falling;
  }
  return {data, moments, std::move(side), std::move(bounds)};
}
Inequalities inequalities(const SoftmaxModel& model, const ColumnMoments& moments) {
  const auto& data = model.data();
  Inequalities::Bounds bounds(data.target.size(), model.n_classes());
  const Array weight = data.weights(0, bounds.rows());
  for (Index i = 0; i < bounds.rows(); ++i) {
    bounds.row(i).setConstant(weight[i] == 0 ? Bound::none : Bound::falling);
    bounds(i, static_cast<Index>(data.target[i])) = Bound::none;
  }
  return {data, moments, data.target, std::move(bounds)};
}

// Whether rows hold every intercept where it is; most often the first of them do.
bool hold_intercepts(const LinearModel& model) {
  const auto& data = model.data();
  const RowWeights weight = data.weights(0);
  bool up = false, down = false;
  for (Index i = 0; i < data.target.size() && !(up && down); ++i) {
    if (weight.each != nullptr && weight.each[i] == 0) continue;
    const double falls = model.loss().falls(data.target[i]);
    up = up || falls >= 0;
    down = down || falls <= 0;
  }
  return up && down;
}
bool hold_intercepts(const SoftmaxModel& model) {
  const auto& data = model.data();
  const RowWeights weight = data.weights(0);
  std::vector<bool> seen(static_cast<std::size_t>(model.n_classes()));
  Index missing = model.n_classes();
  for (Index i = 0; i < data.target.size() && missing > 0; ++i) {
    const auto k = static_cast<std::size_t>(data.target[i]);
    if (seen[k] || (weight.each != nullptr && weight.each[i] == 0)) continue;
    seen[k] = true;
    --missing;
  }
  return missing == 0;
}

bool may_fall(const LinearModel& model) {
  return (model.data().target.unaryExpr([&](double y) { return model.loss().falls(y); }) != 0)
      .any();
}
bool may_fall(const SoftmaxModel&) { return true; }

// Of every inequality of a row, how steeply its loss still falls at x; infinite where there is
// none.
Matrix steepness(const Inequalities& rows, const ModelOfRows& model, ConstVectorRef x) {
  return (rows.bounds == Bound::falling).select(model.slopes(x).cwiseAbs(), HUGE_VAL);
}
// Those that are steep take no part in a direction e, as the sum of weight_i steepness_i a_i'e is
// no more than what is left of the gradient: they become equations.
template <class IsSteep>
void tie(Inequalities& rows, const Matrix& steepness, IsSteep&& is_steep) {
  for (Index i = 0; i < steepness.rows(); ++i)
    for (Index k = 0; k < steepness.cols(); ++k)
      if (rows.bounds(i, k) == Bound::falling && is_steep(steepness(i, k), i))
        rows.bounds(i, k) = Bound::tied;
}
// Whether equations leave no direction; in single precision only where there is no doubt.
bool leave_nothing(const Inequalities& rows, bool rough) {
  const std::vector<Index> free = rows.unpenalised();
  const Matrix h = rows.equations(rough)(free, free);
  if (h.cols() == 0 || is_definite(h, rough ? 1e-3 : singular)) return true;
  return !rough && as_seen(rows, rows.basis() * flat_directions(h)).cols() == 0;
}

// A direction that every row has been asked about.
std::optional<Recession> found(const Inequalities& rows, const std::optional<Vector>& d) {
  if (!d) return std::nullopt;
  const Margins margins = rows.margins(*d);
  if (!margins.hold || margins.rows == 0) return std::nullopt;
  return Recession{rows.in_units_of_x(*d), margins.rows};
}

// A direction of one column or of intercepts, as the ranges of the columns show it, and the rows
// whose loss falls along it: of these as they are, without filling them in.
std::optional<Recession> found_by_ranges(const Inequalities& rows) {
  std::optional<Vector> d = direction_of_intercepts(rows);
  if (!d) d = direction_of_ranges(rows);
  if (!d) return std::nullopt;
  Recession out{rows.in_units_of_x(*d), 0};
  out.rows = rows.falling(out.direction);
  return out;
}

template <class Model>
std::optional<Recession> recession_of(const Model& model, ConstVectorRef x) {
  constexpr Index most_parameters = 2000;
  constexpr double few = 1e6, most_filled = 1e9;  // multiply-adds of a pass
  const auto& data = model.data();
  const Index n = data.rows.rows(), p = model.n_parameters();
  if (data.rows.samples() > 1 || !may_fall(model)) return std::nullopt;
  // Of many outputs, n numbers each would be more than the rows are.
  if (p > most_parameters && model.n_outputs() > 1) return std::nullopt;
  if (data.l2.minCoeff() > 0) {  // no column moves: its units do not matter
    if (!data.intercept || hold_intercepts(model)) return std::nullopt;
    const Index cols = data.rows.cols();
    const ColumnMoments units{Vector::Zero(cols), Vector::Ones(cols)};
    const auto rows = inequalities(model, units);
    return found(rows, direction_of_intercepts(rows));
  }
  const ColumnMoments& moments = model.column_moments();
  // Of many columns, or sparse rows, which a search would have to fill in, only one by one.
  const bool is_sparse = data.rows.numbers_a_row() < data.rows.cols();
  const bool is_searched =
      p <= most_parameters &&
      (!is_sparse || static_cast<double>(n) * static_cast<double>(p * p) < most_filled);
  const bool is_small = static_cast<double>(n) * static_cast<double>(p * p) < few;
  const double flat = is_small ? 0.02 : 1e-3;
  // Of most data a few rows tell enough.
  for (Index step = n / (2 * p); is_searched && !is_small && step > 1; step /= 8) {
    const Model part = model.every(step);
    auto sample = inequalities(part, moments);
    tie(sample, steepness(sample, part, x), [&](double steep, Index) { return steep > flat; });
    if (leave_nothing(sample, step == n / (2 * p))) return std::nullopt;
  }
  const auto rows = inequalities(model, moments);
  const Matrix steep = steepness(rows, model, x);
  if (steep.minCoeff() > flat) return std::nullopt;
  if (!is_searched) return found_by_ranges(rows);
  const double left =
      rows.in_standard_units(model.evaluate(x, {.gradient = true}).gradient).template lpNorm<1>();
  const Array weight = data.weights(0, n);
  auto near = rows;
  tie(near, steep, [&](double steepness, Index i) {
    const double product = weight[i] * steepness;
    return is_small ? steepness > flat && product > 1e4 * left
                    : steepness > flat || product > 10 * left;
  });
  if (leave_nothing(near, false)) return std::nullopt;

  std::optional<Vector> d = direction_of_intercepts(rows);
  if (!d) d = direction_of_ranges(rows);
  if (!d) d = direction_within(is_small ? rows : near, rows.basis());
  return found(rows, d);
}

}  // namespace
}  // namespace detail

std::optional<Recession> recession(const LinearModel& model, ConstVectorRef x) {
  return detail::recession_of(model, x);
}
std::optional<Recession> recession(const SoftmaxModel& model, ConstVectorRef x) {
  return detail::recession_of(model, x);
}

}  // namespace hessopt
