// Test problems: start, minimum, derivatives.
// J. J. More, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software", ACM
// TOMS 7 (1981), problems 21 (1 for n = 2), 5 and 13.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt::tests {

// f = sum r_i^2 from residuals, their Jacobian and the sum of r_i times their Hessians.
template <class Self>
struct SumOfSquares {
  double value_and_gradient(ConstVectorRef x, VectorRef g) const {
    const auto [r, j, curved] = self().parts(x);
    g = 2 * j.transpose() * r;
    return r.squaredNorm();
  }
  void hessian(ConstVectorRef x, MatrixRef h) const {
    const auto [r, j, curved] = self().parts(x);
    h = 2 * (j.transpose() * j + curved);
  }
  void hessp(ConstVectorRef x, ConstVectorRef v, VectorRef out) const {
    Matrix h(x.size(), x.size());
    hessian(x, h);
    out = h * v;
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

struct Parts {
  Vector r;
  Matrix jacobian, curved;
};

struct Rosenbrock : SumOfSquares<Rosenbrock> {
  Index n = 2;
  explicit Rosenbrock(Index size) : n(size) {}
  Vector start() const {
    return Vector::NullaryExpr(n, [](Index i) { return i % 2 == 0 ? -1.2 : 1.0; });
  }
  Vector minimum() const { return Vector::Ones(n); }
  Parts parts(ConstVectorRef x) const {
    Parts out{Vector(n), Matrix::Zero(n, n), Matrix::Zero(n, n)};
    for (Index i = 0; i < n; i += 2) {
      out.r[i] = 10 * (x[i + 1] - x[i] * x[i]);
      out.r[i + 1] = 1 - x[i];
      out.jacobian(i, i) = -20 * x[i];
      out.jacobian(i, i + 1) = 10;
      out.jacobian(i + 1, i) = -1;
      out.curved(i, i) = -20 * out.r[i];
    }
    return out;
  }
};

struct Beale : SumOfSquares<Beale> {
  Vector start() const { return Vector::Ones(2); }
  Vector minimum() const { return Eigen::Vector2d(3, 0.5); }
  Parts parts(ConstVectorRef x) const {
    Parts out{Vector(3), Matrix(3, 2), Matrix::Zero(2, 2)};
    const double y[3] = {1.5, 2.25, 2.625};
    for (Index i = 0; i < 3; ++i) {
      const double k = double(i + 1), power = std::pow(x[1], k);
      const double slope = k * std::pow(x[1], k - 1);
      out.r[i] = y[i] - x[0] * (1 - power);
      out.jacobian(i, 0) = power - 1;
      out.jacobian(i, 1) = x[0] * slope;
      const double bend = i == 0 ? 0 : x[0] * k * (k - 1) * std::pow(x[1], k - 2);
      out.curved += out.r[i] * (Matrix(2, 2) << 0, slope, slope, bend).finished();
    }
    return out;
  }
};

struct PowellSingular : SumOfSquares<PowellSingular> {
  Vector start() const { return Eigen::Vector4d(3, -1, 0, 1); }
  Vector minimum() const { return Vector::Zero(4); }
  Parts parts(ConstVectorRef x) const {
    const Eigen::Vector4d a(0, 1, -2, 0), b(1, 0, 0, -1);
    const double u = a.dot(x), v = b.dot(x), s5 = std::sqrt(5.0), s10 = std::sqrt(10.0);
    Parts out{Vector(4), Matrix::Zero(4, 4), Matrix::Zero(4, 4)};
    out.r << x[0] + 10 * x[1], s5 * (x[2] - x[3]), u * u, s10 * v * v;
    out.jacobian.row(0) << 1, 10, 0, 0;
    out.jacobian.row(1) << 0, 0, s5, -s5;
    out.jacobian.row(2) = 2 * u * a.transpose();
    out.jacobian.row(3) = 2 * s10 * v * b.transpose();
    out.curved = 2 * out.r[2] * a * a.transpose() + 2 * s10 * out.r[3] * b * b.transpose();
    return out;
  }
};

}  // namespace hessopt::tests
