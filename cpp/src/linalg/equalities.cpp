#include "hessopt/linalg/equalities.hpp"

#include <Eigen/Householder>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "hessopt/core/error.hpp"

namespace hessopt {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

// Of what is left of a row of length 1, or of its residual: below it all is rounding.
double least(Index rows, Index columns) {
  return 10 * eps * static_cast<double>(std::max(rows, columns));
}

}  // namespace

Equalities::Equalities(const Matrix& a, const Vector& b) {
  require(a.cols() > 0, "A", "no column", "one for each parameter");
  require_size("b", b.size(), a.rows());
  require(a.allFinite(), "A", "NaN or inf", "finite numbers");
  require(b.allFinite(), "b", "NaN or inf", "finite numbers");
  sizes_ = a.rowwise().stableNorm();
  sizes_ = (sizes_.array() == 0).select(1.0, sizes_);
  const Matrix rows = a.array().colwise() / sizes_.array();
  const Vector right = b.array() / sizes_.array();
  factor(rows.transpose());
  w_ = coordinates(right);
  // What was rounded on the way to w is most of what is left.
  const Vector zero = Vector::Zero(free());
  w_ += coordinates(right - rows * to_x(zero));
  const Vector x = to_x(zero), left = right - rows * x;
  const double most = 10 * least(a.rows(), a.cols()) * (x.norm() + right.lpNorm<Eigen::Infinity>());
  Index worst = 0;
  if (left.size() > 0 && left.cwiseAbs().maxCoeff(&worst) > most)
    throw ArgumentError("constraints",
                        "row " + std::to_string(worst) + ", whose A x lies " +
                            text(std::abs(left[worst] * sizes_[worst])) +
                            " from its bound wherever the rows that it follows from hold",
                        "rows of A x = b that do not contradict one another");
}

// Of the rows as columns, the largest of what is left of them first.
void Equalities::factor(Matrix rows) {
  const Index n = rows.rows(), m = rows.cols();
  std::vector<Index> order(static_cast<std::size_t>(m));
  std::iota(order.begin(), order.end(), Index{0});
  tau_ = Vector::Zero(std::min(n, m));
  Vector room(m);
  Index rank = 0;
  for (; rank < std::min(n, m); ++rank) {
    const Index below = n - rank - 1;
    Index next;
    const double size =
        rows.bottomRightCorner(below + 1, m - rank).colwise().norm().maxCoeff(&next);
    if (!(size > least(n, m))) break;
    next += rank;
    rows.col(rank).swap(rows.col(next));
    std::swap(order[static_cast<std::size_t>(rank)], order[static_cast<std::size_t>(next)]);
    double beta = 0;
    rows.col(rank).tail(below + 1).makeHouseholderInPlace(tau_[rank], beta);
    rows.bottomRightCorner(below + 1, m - rank - 1)
        .applyHouseholderOnTheLeft(rows.col(rank).tail(below), tau_[rank], room.data());
    rows(rank, rank) = beta;
  }
  order.resize(static_cast<std::size_t>(rank));
  rows_ = std::move(order);
  tau_.conservativeResize(rank);
  r_ = rows.topLeftCorner(rank, rank).triangularView<Eigen::Upper>();
  reflectors_ = rows.leftCols(rank);
}

// w, of one right side.
Vector Equalities::coordinates(const Vector& b) const {
  Vector w(rank());
  for (Index i = 0; i < rank(); ++i) w[i] = b[rows_[static_cast<std::size_t>(i)]];
  r_.triangularView<Eigen::Upper>().transpose().solveInPlace(w);
  return w;
}

// H_i v
void Equalities::reflect(Index i, Vector& v) const {
  const Index below = v.size() - i - 1;
  const auto tail = reflectors_.col(i).tail(below);
  const double along = tau_[i] * (v[i] + tail.dot(v.tail(below)));
  v[i] -= along;
  v.tail(below) -= along * tail;
}

void Equalities::turn(Vector& v) const {
  for (Index i = rank() - 1; i >= 0; --i) reflect(i, v);
}

void Equalities::turn_back(Vector& v) const {
  for (Index i = 0; i < rank(); ++i) reflect(i, v);
}

Vector Equalities::to_x(const Vector& z) const {
  Vector x(size());
  x.head(rank()) = w_;
  if (!is_point()) x.tail(free()) = z;
  turn(x);
  return x;
}

Vector Equalities::direction(const Vector& z) const {
  Vector x = Vector::Zero(size());
  if (is_point()) return x;
  x.tail(free()) = z;
  turn(x);
  return x;
}

Vector Equalities::gradient_to_z(const Vector& g) const {
  if (is_point()) return Vector::Constant(1, 0 * g.sum());  // NaN where g is not finite
  Vector all = g;
  turn_back(all);
  return all.tail(free());
}

// H_i B H_i = B - v u' - u v',  u = tau (B v - tau / 2 (v'B v) v), of ever smaller corners B.
Matrix Equalities::hessian_to_z(const Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>& h) const {
  if (is_point()) return Matrix::Identity(1, 1);
  Matrix out = h.selfadjointView<Eigen::Lower>();
  for (Index i = 0; i < rank(); ++i) {
    const Index left = size() - i;
    auto corner = out.bottomRightCorner(left, left);
    Vector v = reflectors_.col(i).tail(left);
    v[0] = 1;
    Vector u = tau_[i] * (corner * v);
    u -= 0.5 * tau_[i] * v.dot(u) * v;
    for (Index j = 0; j < left; ++j) corner.col(j) -= u[j] * v + v[j] * u;
  }
  return out.bottomRightCorner(free(), free());
}

Vector Equalities::multipliers(const Vector& g) const {
  Vector all = g;
  turn_back(all);
  Vector y = all.head(rank());
  r_.triangularView<Eigen::Upper>().solveInPlace(y);
  Vector out = Vector::Zero(sizes_.size());
  for (Index i = 0; i < rank(); ++i) {
    const Index row = rows_[static_cast<std::size_t>(i)];
    out[row] = y[i] / sizes_[row];
  }
  return out;
}

double Equalities::violation(const Vector& x) const {
  Vector all = x;
  turn_back(all);
  const Vector off = r_.transpose() * (all.head(rank()) - w_);
  double most = 0;
  for (Index i = 0; i < rank(); ++i)
    most = std::max(most, std::abs(off[i]) * sizes_[rows_[static_cast<std::size_t>(i)]]);
  return most;
}

bool Equalities::valid() const {
  const Index r = rank(), m = sizes_.size();
  const auto is_row = [m](Index row) { return row >= 0 && row < m; };
  return r <= size() && r <= m && tau_.size() == r && r_.rows() == r && r_.cols() == r &&
         w_.size() == r && static_cast<Index>(rows_.size()) == r &&
         std::all_of(rows_.begin(), rows_.end(), is_row);
}

}  // namespace hessopt
