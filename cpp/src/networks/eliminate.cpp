#include "hessopt/networks/eliminate.hpp"

#include <cmath>
#include <vector>

#include "hessopt/linalg/gram.hpp"

namespace hessopt {
namespace {

// Of a unit of a barrier: where its statistics are, and its numbers.
struct Unit {
  Index mean, variance;  // rows of t
  Index gamma, beta;     // parameters
  double slope;          // gamma s
  double s2;             // s^2
  double factor;         // k
};

template <Real T>
std::vector<Unit> units_of(const Architecture& network, const Vector& x, const Sweeps<T>& sweeps) {
  std::vector<Unit> units;
  Index row = 0, barrier = 0;
  for (const Index l : network.barriers()) {
    const Layer& layer = network.layer(l);
    const Vector variance = sweeps.statistics(barrier).variance;
    for (Index p = 0; p < layer.units; ++p) {
      const double s2 = 1 / (variance[p] + layer.norm->eps);
      units.push_back({row + p, row + layer.units + p, layer.weights + p, layer.biases + p,
                       x[layer.weights + p] * std::sqrt(s2), s2, sweeps.factor(barrier)});
    }
    row += 2 * layer.units, ++barrier;
  }
  return units;
}

// h += t'v + v't, as a sum of squares of t + v less that of t - v, rows of like size.
void add_both(Matrix& t, Matrix& v, MatrixRef h) {
  const Index rows = t.rows(), n = t.cols();
  RowMatrix x(2 * rows, n);
  Vector w(2 * rows);
  for (Index r = 0; r < rows; ++r) {
    const double of_t = t.row(r).norm(), of_v = v.row(r).norm();
    const double size = of_t > 0 && of_v > 0 ? std::sqrt(of_v / of_t) : 1;
    x.row(r) = size * t.row(r) + v.row(r) / size;
    x.row(rows + r) = size * t.row(r) - v.row(r) / size;
  }
  w << Vector::Constant(rows, 0.5), Vector::Constant(rows, -0.5);
  add_weighted_gram<double>({x.data(), x.rows(), n, n, 1}, {w.data(), w.size(), 1}, h);
  mirror_lower(h);
}

}  // namespace

template <Real T>
void eliminate(const Architecture& network, const Vector& x, double samples,
               const Sweeps<T>& sweeps, bool gauss_newton, Matrix& t, MatrixRef h) {
  const std::vector<Unit> units = units_of(network, x, sweeps);
  const Index rows = t.rows();
  std::vector<Index> acts(static_cast<std::size_t>(rows));  // as this parameter,
  Vector size(rows);                                        // times this
  for (const Unit& unit : units) {
    acts[static_cast<std::size_t>(unit.mean)] = unit.beta;
    acts[static_cast<std::size_t>(unit.variance)] = unit.gamma;
    size[unit.mean] = -unit.slope;
    size[unit.variance] = -0.5 * unit.slope * std::sqrt(unit.s2);
    t.row(unit.mean) /= samples;
    t.row(unit.variance) *= 2 * unit.factor / samples;
  }
  Index row = 0;
  for (const Index l : network.barriers()) {  // by way of the barriers below
    const Index own = 2 * network.width(l);
    const std::vector<Index> below(acts.begin(), acts.begin() + row);
    const Matrix held = t(Eigen::seqN(row, own), below) * size.head(row).asDiagonal();
    t.middleRows(row, own) += held * t.topRows(row);
    row += own;
  }
  Matrix v = h(acts, Eigen::all);
  const Matrix among = v(Eigen::all, acts) * (0.5 * size).asDiagonal();
  v += among * t;
  v = size.asDiagonal() * v;
  for (const Unit& unit : units) {
    if (gauss_newton) break;
    const double of_gamma = sweeps.gradient()[unit.gamma], of_beta = sweeps.gradient()[unit.beta];
    const double s = std::sqrt(unit.s2), bent = of_gamma * unit.slope * s;
    const double crossed = 0.25 * of_beta * unit.slope * unit.s2;
    v.row(unit.mean) +=
        0.5 * unit.factor * bent * t.row(unit.mean) + crossed * t.row(unit.variance);
    v.row(unit.variance) +=
        crossed * t.row(unit.mean) + 0.375 * bent * unit.s2 * t.row(unit.variance);
    v(unit.mean, unit.gamma) -= of_beta * s;
    v(unit.variance, unit.gamma) -= 0.5 * of_gamma * unit.s2;
  }
  add_both(t, v, h);
}

template void eliminate(const Architecture&, const Vector&, double, const Sweeps<float>&, bool,
                        Matrix&, MatrixRef);
template void eliminate(const Architecture&, const Vector&, double, const Sweeps<double>&, bool,
                        Matrix&, MatrixRef);

}  // namespace hessopt
