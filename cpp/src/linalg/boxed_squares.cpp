#include "hessopt/linalg/boxed_squares.hpp"

namespace hessopt {

DampedSquares BoxedSquares::damped(const Free& moving, const Vector& step) const {
  Matrix a(r.rows(), moving.count());
  Vector b = turned;
  for (Index k = 0, to = 0; k < moving.size(); ++k)
    if (moving[k])
      a.col(to++) = r.col(k) / scale[k];
    else if (step[k] != 0)
      b += step[k] * r.col(k);
  return {a, b};
}

Vector BoxedSquares::solve(double lambda, Free moving, const DampedSquares& first) const {
  const Index n = x.size();
  Vector s = Vector::Zero(n), found = first.solve(lambda);
  Eigen::ArrayXi side = Eigen::ArrayXi::Zero(n);  // of the bound that a coordinate was put on
  const auto hold = [&](Index k, bool below) {
    s[k] = (below ? lower[k] : upper[k]) - x[k];
    side[k] = below ? -1 : 1;
    moving[k] = false;
  };
  while (true) {
    bool left = false;
    for (Index k = 0, from = 0; k < n; ++k) {
      if (!moving[k]) continue;
      s[k] = found[from++] / scale[k];
      const double to = x[k] + s[k];
      if (to >= lower[k] && to <= upper[k]) continue;
      hold(k, to < lower[k]);
      left = true;
    }
    if (!left || !moving.any()) break;
    found = damped(moving, s).solve(lambda);
  }
  for (Index rounds = 0; rounds < 3 * n && (side != 0).any(); ++rounds) {
    const Vector model = r.transpose() * (r * s + turned);
    Index inwards = -1;
    double most = 1e-12 * turned.norm();
    for (Index k = 0; k < n; ++k) {
      if (side[k] == 0) continue;
      const double slope = side[k] * (model[k] / scale[k] + lambda * scale[k] * s[k]);
      if (slope > most * r.col(k).norm() / scale[k]) {
        most = slope / (r.col(k).norm() / scale[k]);
        inwards = k;
      }
    }
    if (inwards < 0) break;
    side[inwards] = 0;
    moving[inwards] = true;
    // Towards the minimum of those that move, as far as the first bound, as often as there is one.
    while (moving.any()) {
      found = damped(moving, s).solve(lambda);
      double share = 1;
      Index nearest = -1;
      for (Index k = 0, from = 0; k < n; ++k) {
        if (!moving[k]) continue;
        const double to = found[from++] / scale[k],
                     limit = to < s[k] ? lower[k] - x[k] : upper[k] - x[k];
        if ((to < s[k] ? to >= limit : to <= limit) || share * (to - s[k]) / (limit - s[k]) <= 1)
          continue;
        share = (limit - s[k]) / (to - s[k]);
        nearest = k;
      }
      double towards = 0;
      for (Index k = 0, from = 0; k < n; ++k) {
        if (!moving[k]) continue;
        const double change = found[from++] / scale[k] - s[k];
        if (k == nearest) towards = change;
        s[k] += share * change;
      }
      if (nearest < 0) break;
      hold(nearest, towards < 0);
    }
  }
  return s;
}

}  // namespace hessopt
