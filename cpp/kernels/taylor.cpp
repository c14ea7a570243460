#include "hessopt/kernels/taylor.hpp"

#include <algorithm>

#include "hessopt/core/types.hpp"
#include "parts.hpp"
#include "softmax_rows.hpp"

namespace hessopt::kernels {
namespace {

using Row = Eigen::Map<Eigen::RowVectorXd>;
using ConstRow = Eigen::Map<const Eigen::RowVectorXd>;

struct At {
  const TaylorRows& rows;

  ConstRow w(Index k) const { return of_class(rows.w, k); }
  ConstRow of_class(const double* all, Index k) const { return {all + k * rows.width(), rows.p}; }
  ConstRow x(Index i) const { return {rows.x + i * rows.width(), rows.width()}; }
  Row s(Index i) const { return {rows.s + i * rows.p, rows.p}; }
  Row z(Index i) const { return {rows.z + i * rows.p, rows.p}; }
  Row right(double* all, Index i) const { return {all + i * rows.width(), rows.width()}; }
  Index place(Index i, Index k) const { return i + k * rows.pi.stride; }
  double pi(Index i, Index k) const { return rows.pi.each[place(i, k)]; }
  double weight(Index i) const { return weight_of(rows.weights, i); }
  // d tau / d pi, where t = sum_k tau_k q_k.
  double factor(Index i, Index k) const { return rows.shared ? 1.0 : 1.0 - 2.0 * pi(i, k); }
  double tau(Index i, Index k) const {
    return pi(i, k) * (rows.shared ? 1.0 : complement(rows.pi, i, k));
  }
  // z_i += sum_k share_ik w_k
  void add_mixed(const double* share, const double* all, double* to) const {
    for (Index i = 0; i < rows.pi.n; ++i)
      for (Index k = 0; k < rows.pi.classes; ++k)
        Row(to + i * rows.p, rows.p) += share[place(i, k)] * of_class(all, k);
  }
};

double evaluate(const TaylorRows& rows, double of_square, double constant,
                const double* labels) noexcept {
  const At at{rows};
  const Index n = rows.pi.n, classes = rows.pi.classes;
  clear_weightless(n, classes, rows.weights, rows.pi.each, rows.pi.stride);
  from_predictors(rows.pi, labels);
  std::fill_n(rows.z, n * rows.p, 0.0);
  if (rows.shared) at.add_mixed(rows.pi.each, rows.w, rows.z);
  Chunk sums = Chunk::Zero();
  for (Index i = 0; i < n; ++i) {
    if (at.weight(i) == 0)
      at.s(i).setZero();
    else
      at.s(i).array() = of_square * at.x(i).head(rows.p).array().square() + constant;
    double loss = rows.pi.loss[i];
    rows.mean[i] = 0;
    for (Index k = 0; k < classes; ++k) {
      const double q = at.s(i).dot((at.w(k) - at.z(i)).cwiseAbs2());
      rows.q[at.place(i, k)] = q;
      rows.centred[at.place(i, k)] = at.factor(i, k) * q;
      rows.mean[i] += at.pi(i, k) * q;
      loss += 0.5 * at.tau(i, k) * q;
    }
    sums[i % chunk_rows] += at.weight(i) * loss;
  }
  centre(rows.pi, rows.centred, rows.pi.stride);
  return sums.sum();
}

void add_gradient(const TaylorRows& rows, const double* labels, double* r, double* g) noexcept {
  const At at{rows};
  for (Index k = 0; k < rows.pi.classes; ++k) {
    Row of_k(g + k * rows.width(), rows.p);
    for (Index i = 0; i < rows.pi.n; ++i) {
      const double pi = at.pi(i, k);
      const bool is_y = labels[i] == static_cast<double>(k);
      r[at.place(i, k)] =
          ((is_y ? -complement(rows.pi, i, k) : pi) + 0.5 * pi * rows.centred[at.place(i, k)]) *
          at.weight(i);
      const double own = at.weight(i) * at.tau(i, k);
      of_k += own * at.s(i).cwiseProduct(at.w(k) - at.z(i));
    }
  }
}

void add_product(const TaylorRows& rows, const double* v, double* r, double* z, double* spread,
                 double* product) noexcept {
  const At at{rows};
  const Index n = rows.pi.n, classes = rows.pi.classes;
  centre(rows.pi, r, rows.pi.stride);
  for (Index k = 0; k < classes; ++k)
    for (Index i = 0; i < n; ++i) r[at.place(i, k)] *= at.pi(i, k);
  std::fill_n(z, n * rows.p, 0.0);
  if (rows.shared) {
    at.add_mixed(rows.pi.each, v, z);
    at.add_mixed(r, rows.w, z);
  }
  for (Index i = 0; i < n; ++i)
    for (Index k = 0; k < classes; ++k) {
      const Index here = at.place(i, k);
      const auto d = at.w(k) - at.z(i), d_dot = at.of_class(v, k) - Row(z + i * rows.p, rows.p);
      const double q_dot = 2.0 * at.s(i).dot(d.cwiseProduct(d_dot));
      const double factor_dot = rows.shared ? 0.0 : -2.0 * r[here];
      spread[here] = at.factor(i, k) * q_dot + factor_dot * rows.q[here];
      const double one = at.weight(i) * at.tau(i, k);
      const double other = at.weight(i) * at.factor(i, k) * r[here];
      Row(product + k * rows.width(), rows.p) += at.s(i).cwiseProduct(one * d_dot + other * d);
    }
  centre(rows.pi, spread, rows.pi.stride);
  for (Index i = 0; i < n; ++i) {
    double mean = 0;
    for (Index k = 0; k < classes; ++k) mean += r[at.place(i, k)] * rows.centred[at.place(i, k)];
    for (Index k = 0; k < classes; ++k) {
      const Index here = at.place(i, k);
      r[here] =
          (r[here] + 0.5 * (r[here] * rows.centred[here] + at.pi(i, k) * (spread[here] - mean))) *
          at.weight(i);
    }
  }
}

void set_pair(const TaylorRows& rows, Index k, Index m, double* right, double* weight) noexcept {
  const At at{rows};
  for (Index i = 0; i < rows.pi.n; ++i) {
    const auto g = (at.w(k) + at.w(m)) - 2.0 * at.z(i);
    const double bracket = 1.0 - rows.mean[i] + 0.5 * at.s(i).dot(g.cwiseAbs2());
    at.right(right, i) = 0.5 * bracket * at.x(i);
    at.right(right, i).head(rows.p) += at.s(i).cwiseProduct(g);
    weight[i] = at.weight(i) * at.pi(i, k) * at.pi(i, m);
  }
}

void set_outer(const TaylorRows& rows, Index k, double* outer) noexcept {
  const At at{rows};
  for (Index i = 0; i < rows.pi.n; ++i) {
    const auto q = [&](Index m) { return rows.q[at.place(i, m)]; };
    const auto c = [&](Index m) { return rows.centred[at.place(i, m)]; };
    double squares = 0;
    for (Index m = 0; m < rows.pi.classes; ++m) squares += at.pi(i, m) * at.pi(i, m) * q(m);
    const double common = 1.0 + 0.5 * c(k) - at.pi(i, k) * q(k) + squares;
    double& own = outer[at.place(i, k)];
    own = 0;
    for (Index m = 0; m < rows.pi.classes; ++m) {
      if (m == k) continue;
      double& other = outer[at.place(i, m)];
      other = -at.pi(i, k) * at.pi(i, m) * (common + 0.5 * c(m) - at.pi(i, m) * q(m));
      own -= other;
    }
  }
}

void set_block(const TaylorRows& rows, const double* outer, Index k, Index m, double* right,
               double* weight) noexcept {
  const At at{rows};
  for (Index i = 0; i < rows.pi.n; ++i) {
    const double curvature = at.pi(i, k) * (m == k ? complement(rows.pi, i, k) : -at.pi(i, m));
    at.right(right, i) = 0.5 * outer[at.place(i, m)] * at.x(i);
    at.right(right, i).head(rows.p) += at.factor(i, m) * curvature * at.s(i).cwiseProduct(at.w(m));
    weight[i] = at.weight(i);
  }
}

void weights_of_class(const TaylorRows& rows, Index k, double* out) noexcept {
  const At at{rows};
  for (Index i = 0; i < rows.pi.n; ++i) out[i] = at.weight(i) * at.tau(i, k);
}

}  // namespace

constinit const TaylorKernels parts::taylor{
    .evaluate = &evaluate,
    .add_gradient = &add_gradient,
    .add_product = &add_product,
    .set_pair = &set_pair,
    .set_outer = &set_outer,
    .set_block = &set_block,
    .weights_of_class = &weights_of_class,
};

}  // namespace hessopt::kernels
