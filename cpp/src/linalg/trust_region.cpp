#include "hessopt/linalg/trust_region.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {
namespace {

// A unit vector along which H + shift I, as factored, is nearly as small as along any: inverse
// iteration from the signs that make the first solve grow.
Vector lowest_direction(const ShiftedCholesky& h, int steps = 3) {
  Vector z(h.size());
  // No start is orthogonal to the answer by a symmetry of the problem: its entries are irregular.
  for (Index i = 0; i < z.size(); ++i)
    z[i] = 0.5 + std::fmod(0.6180339887498949 * static_cast<double>(i + 1), 1.0);
  for (int k = 0; k < steps; ++k) {
    z /= norm(z);
    h.solve(z);
    if (!z.allFinite()) return Vector::Unit(h.size(), 0);
  }
  return z / norm(z);
}

}  // namespace

// In units in which radius and p have length 1, since their squares may under- or overflow.
double to_boundary(const Vector& s, const Vector& p, double radius) {
  const double length = norm(p), sp = dot(Vector(s / radius), Vector(p / length)),
               ss = norm(s) / radius;
  const double gap = std::max(0.0, (1 - ss) * (1 + ss)), root = std::sqrt(sp * sp + gap);
  return (sp > 0 ? gap / (sp + root) : root - sp) * (radius / length);
}

RegionStep region_step(ShiftedCholesky& h, const Vector& g, double radius) {
  constexpr double easy = 0.1, hard = 0.2;
  constexpr int most = 100;
  const double slope = norm(g);
  // Gershgorin's discs bound the eigenvalues.
  const Vector &diagonal = h.diagonal(), discs = h.off_diagonal_sums();
  const double highest = (diagonal + discs).maxCoeff(), lowest = (diagonal - discs).minCoeff();
  double low = std::max({0.0, -diagonal.minCoeff(), slope / radius - highest});
  double high = std::max(0.0, slope / radius - lowest);
  double lambda = low;
  RegionStep out;
  for (int trial = 0; trial < most; ++trial) {
    Pivot pivot = h.factor(lambda);
    if (lambda == 0 && h.is_singular(pivot)) pivot = h.factor_perturbed();  // not indefinite
    if (pivot.failed()) {
      low = std::max(low, lambda);
      high = std::max(high, 2 * low + std::numeric_limits<double>::epsilon() * h.scale());
      lambda = std::max(std::sqrt(low * high), low + 0.01 * (high - low));
      continue;
    }
    out.d = -g;
    h.solve(out.d);
    out.lambda = lambda;
    const double length = norm(out.d);
    out.at_boundary = length >= (1 - easy) * radius;
    if (lambda == 0 && length <= radius) return out;
    if (std::abs(length - radius) <= easy * radius) return out;
    Vector w = out.d;
    h.half_solve(w);
    const double ww = dot(w, w);
    double next = lambda + (length / radius - 1) * (length * length) / ww;
    if (length < radius) {
      high = std::min(high, lambda);
      Vector z = lowest_direction(h);
      if (dot(out.d, z) < 0) z = -z;  // the nearer side
      const double tau = to_boundary(out.d, z, radius);
      const double zz = dot(z, h.multiply(z)) + lambda;  // z'(H + lambda I)z
      const double dd = -dot(g, out.d);                  // d'(H + lambda I)d
      low = std::max(low, lambda - zz);
      if (tau * tau * zz <= hard * (dd + lambda * radius * radius)) {
        out.d += tau * z;
        out.at_boundary = true;
        return out;
      }
    } else {
      low = std::max(low, lambda);
    }
    if (!(next > low && next < high) || !std::isfinite(next))
      next = std::max(std::sqrt(low * high), low + 0.01 * (high - low));
    if (next == lambda) break;
    lambda = next;
  }
  // Rounding stands in the way of more: the last step, within the ball.
  if (out.d.size() == 0) {
    h.factor(high + h.scale());
    out = {-g, high + h.scale(), true};
    h.solve(out.d);
  }
  if (const double length = norm(out.d); length > radius) out.d *= radius / length;
  out.at_boundary = true;
  return out;
}

}  // namespace hessopt
