#include "hessopt/linalg/l1_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/cholesky.hpp"

namespace hessopt {
namespace {

constexpr Index most_sweeps = 2000;
constexpr Index most_stalls = 20;       // factors without a smaller residual
constexpr double perturbation = 1e-13;  // of the diagonal, where the support is dependent
constexpr double largest_perturbation = 1e-4;

class L1Descent {
 public:
  L1Descent(const Matrix& h, const Vector& g, const Vector& x, const Vector& l1)
      : h_(h), g_(g), x_(x), l1_(l1), z_(x), r_(g) {}

  void run(double tolerance) {
    double least = std::numeric_limits<double>::infinity();
    Index stalls = 0, swept = 0;
    for (Index k = 0; k < most_sweeps && stalls < most_stalls; ++k) {
      swept += sweep();
      if (left() <= std::max(tolerance, rounding())) return;
      // However often signs change, as much is spent on the one as on the other.
      const Index support = (z_.array() != 0).count();
      if (!rests_ && z_.size() * swept < support * support * support / 3) continue;
      swept = 0;
      if (!jump()) continue;
      const double now = left();
      if (now <= std::max(tolerance, rounding())) return;
      stalls = now < 0.5 * least ? 0 : stalls + 1;
      least = std::min(least, now);
    }
  }

  L1Minimum result() {
    L1Minimum out{.z = z_};
    const Vector d = z_ - x_;
    out.slope = g_.dot(d) + l1_.dot(z_.cwiseAbs() - x_.cwiseAbs());
    out.decrease = -(out.slope + 0.5 * d.dot(r_ - g_));
    return out;
  }

 private:
  double left() const {
    double most = 0;
    for (Index j = 0; j < z_.size(); ++j)
      if (h_(j, j) > 0) most = std::max(most, std::abs(pseudo_gradient(z_[j], r_[j], l1_[j])));
    return most;
  }

  // Of what is left: sums of its terms have no more digits.
  double rounding() const {
    const auto terms = g_.array().abs() + h_.diagonal().array() * z_.array().abs() + l1_.array();
    return std::numeric_limits<double>::epsilon() * terms.matrix().lpNorm<Eigen::Infinity>();
  }

  // Each coordinate to its minimum; how many have moved.
  Index sweep() {
    const auto& kernel = kernels::vectors<double>();
    Index moved = 0;
    rests_ = true;
    for (Index j = 0; j < z_.size(); ++j) {
      const double curvature = h_(j, j);
      if (!(curvature > 0) || pseudo_gradient(z_[j], r_[j], l1_[j]) == 0) continue;
      const double b = curvature * z_[j] - r_[j], size = std::abs(b) - l1_[j];
      const double to = size > 0 ? std::copysign(size / curvature, b) : 0;
      const double step = to - z_[j];
      if (step == 0) continue;
      ++moved;
      rests_ = rests_ && to * z_[j] > 0;
      z_[j] = to;
      kernel.axpy(z_.size(), step, h_.col(j).data(), 1, r_.data());
    }
    return moved;
  }

  // Towards the minimum with the signs as they are. False: nothing has changed.
  bool jump() {
    std::vector<Index> support;
    for (Index j = 0; j < z_.size(); ++j)
      if (h_(j, j) > 0 && (z_[j] != 0 || l1_[j] == 0)) support.push_back(j);
    const Index k = static_cast<Index>(support.size());
    if (k == 0) return false;
    Matrix block;
    Vector step(k);
    for (double more = 0;; more = more == 0 ? perturbation : 100 * more) {
      if (more > largest_perturbation) return false;
      block = h_(support, support);
      block.diagonal() *= 1 + more;
      const Vector floors = 1e-14 * block.diagonal();
      if (!cholesky_factor(block, floors.data()).failed()) break;
    }
    for (Index i = 0; i < k; ++i) {
      const Index j = support[static_cast<std::size_t>(i)];
      step[i] = -pseudo_gradient(z_[j], r_[j], l1_[j]);
    }
    cholesky_solve_in_place(block, Eigen::Map<Matrix>(step.data(), k, 1));
    if (!step.allFinite()) return false;
    // What would change its sign stops at 0; all together, or where q would not fall, the first.
    double first = 1;
    for (Index i = 0; i < k; ++i) {
      const Index j = support[static_cast<std::size_t>(i)];
      if (crosses(j, step[i])) first = std::min(first, -z_[j] / step[i]);
    }
    return move(support, step) || (first < 1 && move(support, Vector(first * step)));
  }

  bool crosses(Index j, double step) const {
    return l1_[j] > 0 && z_[j] != 0 && (z_[j] + step) * z_[j] <= 0;
  }

  // Where q falls, or is too flat to tell.
  bool move(const std::vector<Index>& support, const Vector& step) {
    Vector to = z_;
    for (std::size_t i = 0; i < support.size(); ++i) {
      const Index j = support[i];
      const double by = step[static_cast<Index>(i)];
      // The coordinate that a step was cut short for ends at 0 but for rounding.
      const bool ends = std::abs(z_[j] + by) <= 1e-15 * std::abs(z_[j]);
      to[j] = crosses(j, by) || (ends && l1_[j] > 0) ? 0 : z_[j] + by;
    }
    Vector r = g_;
    for (Index j = 0; j < to.size(); ++j)
      if (to[j] != x_[j])
        kernels::vectors<double>().axpy(to.size(), to[j] - x_[j], h_.col(j).data(), 1, r.data());
    const Vector d = to - z_;
    double change = 0, size = 0;
    for (Index j = 0; j < d.size(); ++j) {
      if (d[j] == 0) continue;
      const double kink = l1_[j] * (std::abs(to[j]) - std::abs(z_[j]));
      const double smooth = 0.5 * (r_[j] + r[j]) * d[j];
      change += smooth + kink;
      size += std::abs(smooth) + std::abs(kink);
    }
    if (!(change <= 1e-13 * size)) return false;
    z_ = std::move(to);
    r_ = std::move(r);
    return true;
  }

  const Matrix& h_;
  const Vector &g_, &x_, &l1_;
  Vector z_, r_;       // r: the gradient of the quadratic at z
  bool rests_ = true;  // whether the last sweep has left all signs as they were
};

}  // namespace

L1Minimum l1_minimum(const Matrix& h, const Vector& g, const Vector& x, const Vector& l1,
                     double tolerance) {
  L1Descent descent(h, g, x, l1);
  descent.run(tolerance);
  return descent.result();
}

}  // namespace hessopt
