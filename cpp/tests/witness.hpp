// What the tests measure against: differences, plain loops, and a way to set the team.
#pragma once

#include <doctest/doctest.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <random>

#include "hessopt/core/threads.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt::tests {

inline Matrix random_matrix(Index rows, Index cols, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, cols, [&] { return normal(engine); });
}
inline Vector random_vector(Index size, unsigned seed) { return random_matrix(size, 1, seed); }

inline double relative_error(const Matrix& got, const Matrix& want) {
  return (got - want).norm() / std::max(want.norm(), 1e-300);
}

// Central differences of a vector function, column j along x_j.
template <class F>
Matrix differences(F&& f, const Vector& x, double step = 1e-5) {
  Matrix out;
  for (Index j = 0; j < x.size(); ++j) {
    Vector left = x, right = x;
    left[j] -= step;
    right[j] += step;
    const Vector slope = (f(right) - f(left)) / (2 * step);
    out.conservativeResize(slope.size(), j + 1);
    out.col(j) = slope;
  }
  return out;
}

// Gradient, Hessian and Hessian-vector product of an objective against differences.
template <class F>
void check_derivatives(const F& f, const Vector& x) {
  const Index n = f.n_parameters();
  REQUIRE(x.size() == n);
  const auto gradient = [&](const Vector& at) {
    Vector g(n);
    f.value_and_gradient(at, g);
    return g;
  };
  const auto value = [&](const Vector& at) {
    Vector g(n);
    return Vector::Constant(1, f.value_and_gradient(at, g)).eval();
  };
  Matrix h(n, n);
  f.hessian(x, h);
  Vector product(n);
  const Vector v = random_vector(n, 99);
  f.hessp(x, v, product);
  CHECK(relative_error(gradient(x), differences(value, x).transpose()) < 1e-7);
  CHECK(relative_error(h, differences(gradient, x)) < 1e-7);
  CHECK(relative_error(product, h * v) < 1e-12);
  CHECK(h == h.transpose());
}

// f() for teams of 1, 2, 3 and 8 must give the same bits.
template <class F>
void check_same_bits_for_any_team(F&& f) {
#ifdef _OPENMP
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto want = f();
  for (const int threads : {2, 3, 8}) {
    omp_set_num_threads(threads);
    CHECK(f() == want);
  }
  omp_set_num_threads(before);
#else
  (void)f;
#endif
}

}  // namespace hessopt::tests
