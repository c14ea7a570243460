#include "hessopt/objectives/influence.hpp"

#include <limits>
#include <string>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/rows/inverse_forms.hpp"
#include "hessopt/rows/pass.hpp"

namespace hessopt {
namespace {

// Of which, a parameter, a number has no certain digit.
constexpr double rounding = 100 * std::numeric_limits<double>::epsilon();

// In units in which its diagonal is 1: pivots are then 1 / how far the columns before inflate the
// variance of one, whatever the units of X are.
Matrix factor_of(const Matrix& hessian) {
  const Index n = hessian.rows();
  Vector unit = hessian.diagonal().cwiseMax(0).cwiseSqrt();
  for (double& u : unit)
    if (u == 0) u = 1;
  const Vector inverse = unit.cwiseInverse();
  Matrix l = inverse.asDiagonal() * hessian * inverse.asDiagonal();
  const Vector floors = Vector::Constant(n, rounding * static_cast<double>(n));
  if (const Pivot pivot = cholesky_factor(l, floors.data()); pivot.failed())
    throw NotPositiveDefinite(pivot);
  return unit.asDiagonal() * l;
}

}  // namespace

Influence influence(const LinearModel& f, ConstVectorRef x, const Matrix& hessian) {
  const Data& data = f.data();
  const Index n = data.rows.rows(), room = n + chunk_rows;
  const InverseForms forms(factor_of(hessian), f.column_moments().mean, data.rows, data.intercept);
  Influence out{Array(room), Array(room), Array(room), Array(room)};
  for_each_block(data.rows, data.intercept, [&](const Block& rows, Index begin) {
    const Index count = rows.rows();
    thread_local Array eta, first, second;
    if (eta.size() < count + chunk_rows)
      for (Array* const a : {&eta, &first, &second}) a->resize(count + chunk_rows);
    rows.predict(x, eta.data(), data.offsets(begin));
    out.predictor.segment(begin, count) = eta.head(count);
    f.loss().add_up(count, eta.data(), data.target.data() + begin, {}, first.data(), second.data());
    out.slope.segment(begin, count) = first.head(count);
    out.curvature.segment(begin, count) = second.head(count);
    forms.of(rows, &out.reach[begin]);
    out.reach.segment(begin, count) *= data.weights(begin, count);
  });
  for (Array* const a : {&out.predictor, &out.slope, &out.curvature, &out.reach})
    a->conservativeResize(n);
  return out;
}

Matrix further_steps(const LinearModel& f, ConstVectorRef x, const Matrix& hessian,
                     const std::vector<Index>& rows) {
  const Data& data = f.data();
  const Index n = data.rows.rows(), p = data.rows.cols(), size = f.n_parameters();
  const Vector& mean = f.column_moments().mean;
  const Matrix l = factor_of(hessian);
  RowBuffer room;
  RowMatrix buffer;
  Matrix out(static_cast<Index>(rows.size()), 2);
  for (Index k = 0; k < out.rows(); ++k) {
    const Index i = rows[static_cast<std::size_t>(k)];
    if (i < 0 || i >= n)
      throw ArgumentError("rows", "the index " + std::to_string(i),
                          "indices from 0 to " + std::to_string(n - 1));
    const Block row = data.rows.block(i, 1, 0, data.intercept, room);
    const double w = data.weights(i, 1)[0];
    double eta[chunk_rows], first[chunk_rows], second[chunk_rows];
    const auto slope_at = [&](double predictor) {
      eta[0] = predictor;
      f.loss().add_up(1, eta, &data.target[i], {}, first, second);
      return first[0];
    };
    row.predict(x, eta, data.offsets(i));
    const double here = eta[0], slope = slope_at(here), curvature = w * second[0];

    Vector z = Vector::Ones(size);  // of the row about the means
    z.head(p) = row.wide(buffer).row(0).transpose() - mean;
    Vector v = z;  // H^-1 z
    cholesky_solve_in_place(l, v);
    const double left = 1 - curvature * z.dot(v);
    if (left <= rounding * static_cast<double>(size)) {
      out.row(k).setConstant(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    Vector moved = v * (w * slope / left), gradient(size);
    for (Index step = 0; step < out.cols(); ++step) {
      Vector at = moved;
      if (data.intercept) at[p] -= mean.dot(at.head(p));
      f.value_and_gradient(x + at, gradient);
      if (data.intercept) gradient.head(p) -= gradient[p] * mean;
      gradient -= w * slope_at(here + z.dot(moved)) * z;  // that of the others
      moved -= v * (curvature * v.dot(gradient) / left);
      cholesky_solve_in_place(l, gradient);
      moved -= gradient;
      out(k, step) = here + z.dot(moved);
    }
  }
  return out;
}

Array losses_at(const LinearModel& f, ConstVectorRef predictor) {
  const Array& y = f.data().target;
  Array out(y.size());
  const Cut parts{y.size(), rows_per_block(1)};
  parallel_for(parts.count(), [&](Index k) {
    const Index begin = parts.begin(k);
    f.loss().values(parts.size(k), predictor.data() + begin, &y[begin], &out[begin]);
  });
  return out;
}

}  // namespace hessopt
