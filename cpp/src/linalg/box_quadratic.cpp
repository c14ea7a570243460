#include "hessopt/linalg/box_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {
namespace {

constexpr double sufficient = 1e-4;  // of the slope, as what q has to fall by
constexpr double shortest = 1e-3;    // part of a step that is tried before its first kink
constexpr double rounding = 1e-13;   // of slopes, relative to the largest

struct Box {
  const Vector &low, &high;

  Vector project(const Vector& s) const { return s.cwiseMax(low).cwiseMin(high); }
  // What the slopes of q do not press against a bound.
  Coordinates face(const Vector& s, const Vector& slopes, double least) const {
    Coordinates out;
    for (Index j = 0; j < s.size(); ++j) {
      if (low[j] == high[j]) continue;
      const bool held =
          (s[j] <= low[j] && slopes[j] > -least) || (s[j] >= high[j] && slopes[j] < least);
      if (!held) out.push_back(j);
    }
    return out;
  }
  // The face without what p would lead out of the box at once.
  Coordinates kept(const Coordinates& face, const Vector& s, const Vector& p) const {
    Coordinates out;
    for (const Index j : face)
      if (!((s[j] <= low[j] && p[j] < 0) || (s[j] >= high[j] && p[j] > 0))) out.push_back(j);
    return out;
  }
  // How far along p the first bound lies.
  double first_kink(const Vector& s, const Vector& p) const {
    double out = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < s.size(); ++j)
      if (p[j] != 0) out = std::min(out, ((p[j] > 0 ? high[j] : low[j]) - s[j]) / p[j]);
    return out;
  }
};

// -B^-1 v on the face; empty where B is not positive definite there. Of the first face it is, but
// for rounding.
Vector newton(ShiftedCholesky& b, double shift, const Vector& v, bool is_first) {
  Pivot pivot = b.factor(shift);
  if (shift == 0 && b.is_singular(pivot)) pivot = b.factor_perturbed();
  for (double more = 1e-10; is_first && pivot.failed() && more <= 1; more *= 100)
    pivot = b.factor(shift, more);
  if (pivot.failed()) return {};
  Vector d = -v;
  b.solve(d);
  return d;
}

}  // namespace

BoxStep box_step(const ShiftedCholesky& h, double shift, const Vector& g, const Vector& low,
                 const Vector& high, const Coordinates& first) {
  const Index n = g.size();
  const Index most = std::min<Index>(n + 10, 60);
  const Box box{low, high};
  const double least = rounding * max_norm(g);
  BoxStep out{.s = Vector::Zero(n), .face = first};
  Vector slopes = g;  // of q at s
  Coordinates face = first;
  ShiftedCholesky b;
  for (Index round = 0; round < most && !face.empty(); ++round) {
    Vector p;
    while (true) {
      if (b.size() == 0 || face != out.face) b = h.corner(face);
      const Index before = b.factorizations();
      const Vector d = newton(b, shift, gathered<double>(1, slopes, face), round == 0);
      out.factorizations += b.factorizations() - before;
      if (d.size() == 0 || !d.allFinite()) return out;
      out.face = face;
      p = scattered(d, face, n);
      Coordinates rest = box.kept(face, out.s, p);
      if (rest.size() == face.size()) break;
      face = std::move(rest);
      if (face.empty()) return out;
    }
    // The projection of ever shorter steps; at last one up to the first kink, before which q is a
    // parabola.
    const double kink = box.first_kink(out.s, p);
    for (double share = 1;; share *= 0.5) {
      const bool is_last = share <= kink || share < shortest;
      if (is_last) share = std::min(1.0, kink * (1 + 1e-12));
      const Vector next = box.project(out.s + share * p), change = next - out.s;
      const Vector bend = h.multiply(change) + shift * change;
      const double slope = dot(slopes, change);
      if (!is_last && !(slope + 0.5 * dot(change, bend) <= sufficient * slope)) continue;
      out.s = next;
      slopes += bend;
      break;
    }
    Coordinates left = box.face(out.s, slopes, least);
    out.is_minimum = kink >= 1 && std::includes(face.begin(), face.end(), left.begin(), left.end());
    if (out.is_minimum) return out;
    face = std::move(left);
  }
  out.is_minimum = face.empty();
  return out;
}

}  // namespace hessopt
