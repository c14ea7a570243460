#include "hessopt/linalg/equalities.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <cmath>
#include <stdexcept>
#include <string>

#include "hessopt/core/archive.hpp"
#include "hessopt/solvers/newton.hpp"
#include "hessopt/solvers/quasi_newton.hpp"
#include "problems.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// Z, a column for each unit vector.
Matrix basis(const Equalities& e) {
  Matrix out(e.size(), e.free());
  for (Index j = 0; j < out.cols(); ++j) out.col(j) = e.direction(Vector::Unit(e.free(), j));
  return out;
}

struct Shape {
  Index rows, columns;
};
constexpr Shape shapes[] = {{1, 2}, {1, 9}, {3, 9}, {8, 9}, {9, 9}, {40, 150}};

}  // namespace

TEST_CASE("coordinates of a plane are an orthonormal basis of what A leaves free") {
  for (const auto [k, n] : shapes) {
    const Matrix a = random_matrix(k, n, 1);
    const Vector b = random_vector(k, 2), x = random_vector(n, 3), g = random_vector(n, 4);
    const Equalities e(a, b);
    CHECK(e.rank() == k);
    const Vector z = e.to_z(x), on_plane = e.to_x(z);
    CHECK((a * on_plane - b).norm() <= 1e-13 * (a.norm() * on_plane.norm()));
    CHECK(e.violation(on_plane) <= 1e-12);
    if (e.is_point()) {
      CHECK(e.direction(z) == Vector::Zero(n));
      continue;
    }
    const Matrix basis_of = basis(e);
    CHECK((basis_of.transpose() * basis_of - Matrix::Identity(n - k, n - k)).norm() <= 1e-13 * n);
    CHECK((a * basis_of).norm() <= 1e-13 * a.norm());
    // The nearest point: what it was moved by is orthogonal to the plane.
    CHECK((basis_of.transpose() * (x - on_plane)).norm() <= 1e-13 * x.norm());
    CHECK((e.gradient_to_z(g) - basis_of.transpose() * g).norm() <= 1e-13 * g.norm());
    const Matrix half = random_matrix(n, n, 5), h = half + half.transpose();
    const Matrix want = basis_of.transpose() * h * basis_of;
    CHECK((e.hessian_to_z(h) - want).norm() <= 1e-13 * h.norm());
  }
}

TEST_CASE("multipliers solve A'y = g in the sense of least squares, and rows may repeat") {
  const Index n = 7;
  Matrix a = random_matrix(4, n, 6);
  a.row(2) = 2 * a.row(0) - 3 * a.row(1);
  a.row(3) *= 1e9;
  const Vector point = random_vector(n, 7), g = random_vector(n, 8);
  const Equalities e(a, a * point);
  CHECK(e.rank() == 3);
  CHECK(e.rows().size() == 3);
  const Vector y = e.multipliers(g);
  CHECK((basis(e).transpose() * g).norm() == doctest::Approx((g - a.transpose() * y).norm()));
  CHECK((y.array() == 0).count() == 1);
  CHECK((e.to_x(e.to_z(point)) - point).norm() <= 1e-13 * point.norm());

  std::string what;
  try {
    Equalities(a, a * point + 0.5 * Vector::Unit(4, 2));
  } catch (const std::invalid_argument& error) {
    what = error.what();
  }
  CHECK(what.find("row 2") != std::string::npos);
  CHECK(what.find("0.5") != std::string::npos);
  CHECK_THROWS(Equalities(a / 0.0, Vector::Zero(4)));
  CHECK_THROWS(Equalities(Matrix::Zero(1, 3), Vector::Ones(1)));
}

TEST_CASE("solvers on a plane end where its multipliers hold, and are saved with it") {
  const Rosenbrock problem(8);
  const Matrix a = random_matrix(3, 8, 9);
  const Equalities plane(a, random_vector(3, 10));
  const auto check = [&](auto solver) {
    Vector g(8);
    int evaluations = 0;
    while (!solver.run().done()) {
      const Vector x = to_caller(solver.run(), solver.ask());
      if constexpr (requires { solver.hessians(); }) {
        if (solver.needs() == Need::hessian) {
          Matrix h(8, 8);
          problem.hessian(x, h);
          tell_hessian_in_x(solver, h);
          continue;
        }
      }
      tell_in_x(solver, problem.value_and_gradient(x, g), g);
      if (++evaluations == 5) {
        auto copy = decltype(solver)();
        load(copy, save(solver));
        solver = std::move(copy);
      }
    }
    const Run<double>& run = solver.run();
    INFO(run.message());
    CHECK(run.stop().status == Status::gradient);
    const Vector x = to_caller(run, run.best().x);
    CHECK(plane.violation(x) <= 1e-13);
    const Vector& outer = run.best().outer;
    CHECK((outer - a.transpose() * plane.multipliers(outer)).norm() <= 1e-6 * outer.norm());
  };
  Run<double> run(plane.to_z(problem.start()));
  run.lie_on(plane);
  check(Newton<double>(run));
  check(Lbfgs<double>(run, LbfgsHistory<double>(plane.free(), 10), 0));
  CHECK_THROWS(run.lie_on(plane));
}
