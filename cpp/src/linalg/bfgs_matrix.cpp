#include "hessopt/linalg/bfgs_matrix.hpp"

#include <cmath>
#include <limits>

#include "hessopt/core/error.hpp"
#include "hessopt/core/memory.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

BfgsMatrix::BfgsMatrix(Matrix h0) : h_(std::move(h0)), waits_(true) {
  require(h_.allFinite() && is_definite(h_, 0), "hess_inv0",
          "a pivot <= 0, so that the 'hess_inv0' matrix isn't positive definite", "one that is");
}

Matrix BfgsMatrix::matrix(Index size, double unit) const {
  if (count_ == 0) return unit * Matrix::Identity(size, size);
  return unit * Matrix(h_.selfadjointView<Eigen::Lower>());
}

void BfgsMatrix::begin(double unit) {
  if (!waits_) return;
  waits_ = false;
  h_ /= unit;
  gamma_ = h_.trace() / static_cast<double>(h_.rows());
  count_ = 1;
}

template <Real T>
bool BfgsMatrix::push(const VectorOf<T>& x0, const VectorOf<T>& x1, const VectorOf<T>& g0,
                      ConstVectorRefOf<T> g1, double unit) {
  const Vector s = x1.template cast<double>() - x0.template cast<double>();
  const Vector y = unit * g1.template cast<double>() - unit * g0.template cast<double>();
  Vector v(s.size());
  allocate(s.size());  // from here on nothing fails
  step_norm_ = norm(s);
  const double sy = dot(s, y), yy = dot(y, y);
  const double floor = std::sqrt(std::numeric_limits<T>::epsilon()) * step_norm_ * std::sqrt(yy);
  if (!(sy > floor) || !std::isfinite(sy) || !std::isfinite(yy)) return false;
  gamma_ = sy / yy;
  if (count_ == 0) {
    h_.setIdentity();
    h_ *= gamma_;
  }
  // One symmetric update of rank two: with v = u - (1 + y'u / s'y) / 2 s it is -(s v' + v s') /
  // s'y.
  multiply(y, v);
  v -= 0.5 * (1 + dot(y, v) / sy) * s;
  const Index n = s.size();
  kernels::cholesky<double>().add_outer(-1 / sy, s.data(), v.data(), n, h_.data(), n);
  ++count_;
  return true;
}

template <Real T>
double BfgsMatrix::direction(ConstVectorRefOf<T> g, double unit, VectorOf<T>& d) const {
  d.resize(g.size());
  apply<T>(g, -unit, d);
  return unit * dot(d, g);
}

template <Real T>
double BfgsMatrix::direction_on(const Coordinates& free, ConstVectorRefOf<T> g, double unit,
                                VectorOf<T>& d) const {
  const Index n = g.size();
  Coordinates held;
  for (Index j = 0, k = 0; j < n; ++j) {
    if (k < hessopt::count(free) && free[static_cast<std::size_t>(k)] == j)
      ++k;
    else
      held.push_back(j);
  }
  Vector v(n), product(n);
  scatter<double>(1, gathered<T>(unit, g, free), free, v);
  multiply(v, product);
  Matrix factor(hessopt::count(held), hessopt::count(held));
  for (Index k = 0; k < factor.cols(); ++k)
    for (Index i = k; i < factor.rows(); ++i)
      factor(i, k) = h_(held[static_cast<std::size_t>(i)], held[static_cast<std::size_t>(k)]);
  // Where rounding leaves H no factor, the part of H itself makes do.
  if (!cholesky_factor<double>(factor).failed()) {
    Vector lacking = gathered<double>(-1, product, held), with(n);
    cholesky_solve_in_place<double>(factor, lacking);
    scatter<double>(1, lacking, held, with);
    v += with;
    multiply(v, product);
  }
  d.resize(n);
  scatter<T>(-1, gathered<double>(1, product, free), free, d);
  return unit * dot(d, g);
}

template <Real T>
void BfgsMatrix::apply(ConstVectorRefOf<T> v, double unit, Eigen::Ref<VectorOf<T>> out) const {
  const Vector u = unit * v.template cast<double>();
  if (count_ == 0) {
    out = u.template cast<T>();
    return;
  }
  Vector product(u.size());
  multiply(u, product);
  out = product.template cast<T>();
}

bool BfgsMatrix::valid(Index size) const {
  const bool is_used = count_ > 0 || waits_;
  return is_count(count_) && (!is_used || (h_.rows() == size && h_.cols() == size));
}

void BfgsMatrix::allocate(Index size) {
  naming_memory("inverse Hessian of BFGS", size, size, sizeof(double),
                [&] { h_.resize(size, size); });
}

void BfgsMatrix::multiply(const Vector& x, Vector& out) const {
  const Index n = h_.rows();
  kernels::cholesky<double>().multiply(false, h_.data(), n, n, h_.data(), n + 1, x.data(),
                                       out.data());
}

#define HESSOPT_BFGS_OF(T)                                                                     \
  template bool BfgsMatrix::push(const VectorOf<T>&, const VectorOf<T>&, const VectorOf<T>&,   \
                                 ConstVectorRefOf<T>, double);                                 \
  template double BfgsMatrix::direction<T>(ConstVectorRefOf<T>, double, VectorOf<T>&) const;   \
  template double BfgsMatrix::direction_on<T>(const Coordinates&, ConstVectorRefOf<T>, double, \
                                              VectorOf<T>&) const;                             \
  template void BfgsMatrix::apply<T>(ConstVectorRefOf<T>, double, Eigen::Ref<VectorOf<T>>) const;
HESSOPT_BFGS_OF(float)
HESSOPT_BFGS_OF(double)
#undef HESSOPT_BFGS_OF

}  // namespace hessopt
