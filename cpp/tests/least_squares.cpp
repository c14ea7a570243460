#include <Eigen/LU>
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/linear_fit.hpp"
#include "hessopt/solvers/levenberg_marquardt.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

SquaresOptions options(Index n, double lower = -infinity, double upper = infinity) {
  SquaresOptions out;
  out.lower = Vector::Constant(n, lower);
  out.upper = Vector::Constant(n, upper);
  out.gtol = 1e-13;
  out.xtol = 1e-15;
  out.max_nfev = 1000;
  return out;
}

Vector rosenbrock(const Vector& x) { return Vector{{10 * (x[1] - x[0] * x[0]), 1 - x[0]}}; }
RowMatrix slopes(const Vector& x) { return RowMatrix{{-20 * x[0], 10}, {-1, 0}}; }

void drive(LevenbergMarquardt& run) {
  while (run.needs() != SquaresNeed::nothing) {
    const Vector x = run.ask();
    if (run.needs() == SquaresNeed::residuals)
      run.tell(rosenbrock(x));
    else
      run.tell_jacobian(slopes(x));
  }
}

}  // namespace

TEST_CASE("damped squares agree with the normal equations, at the length asked for") {
  const RowMatrix random = random_matrix(8, 5, 3);
  const Matrix a = random;
  const Vector b = random_matrix(8, 1, 4).col(0);
  const DampedSquares squares(a, b);
  for (double lambda : {0.0, 1e-3, 1.0, 1e3}) {
    const Matrix normal = a.transpose() * a + lambda * Matrix::Identity(5, 5);
    const Vector wanted = -normal.inverse() * a.transpose() * b;
    CHECK((squares.solve(lambda) - wanted).norm() <= 1e-10 * (1 + wanted.norm()));
  }
  const double longest = squares.solve(0).norm();
  CHECK(squares.damping(2 * longest, 0) == 0);
  for (double length : {0.9 * longest, 0.1 * longest, 1e-6 * longest})
    CHECK(std::abs(squares.solve(squares.damping(length, 0)).norm() - length) <= 0.11 * length);
}

TEST_CASE("rows added in blocks have the R of all") {
  const RowMatrix all = random_matrix(40, 4, 5);
  TriangularRows rows(4);
  rows.add(all.topRows(3));
  rows.add(all.middleRows(3, 20));
  rows.add(all.bottomRows(17));
  CHECK((rows.r().transpose() * rows.r() - all.transpose() * all).norm() <=
        1e-12 * all.squaredNorm());
}

TEST_CASE("least squares end at the minimum, within bounds at theirs") {
  LevenbergMarquardt free(Vector{{-1.2, 1}}, options(2));
  drive(free);
  CHECK(is_success(free.why().status));
  CHECK((free.x() - Vector::Ones(2)).norm() <= 1e-12);
  LevenbergMarquardt bound(Vector{{-1.2, 0.2}}, options(2, -2, 0.5));
  drive(bound);
  CHECK(is_success(bound.why().status));
  CHECK(bound.x()[0] == 0.5);
  CHECK(std::abs(bound.x()[1] - 0.25) <= 1e-12);
}

TEST_CASE("a saved run of least squares goes on as it stood") {
  LevenbergMarquardt run(Vector{{-1.2, 1}}, options(2)), copy;
  run.tell(rosenbrock(run.ask()));
  run.tell_jacobian(slopes(run.ask()));
  load(copy, save(run));
  CHECK(copy.ask() == run.ask());
  drive(run);
  drive(copy);
  CHECK(copy.x() == run.x());
  CHECK_THROWS_AS(run.tell(rosenbrock(run.ask())), ArgumentError);
}

TEST_CASE("linear fits leave what is orthogonal to every column, dependent ones included") {
  Matrix a = random_matrix(20, 4, 1), b = random_matrix(20, 3, 2);
  a.col(1) *= 1e-200;
  a.col(3) = 2 * a.col(0) - a.col(2);
  const LinearFit fit = linear_fit(a, b, 1e-12);
  CHECK(fit.rank == 3);
  CHECK((a.transpose() * fit.remainder).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((a * fit.coefficients + fit.remainder - b).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((fit.coefficients.array() == 0).rowwise().all().count() == 1);
  CHECK(linear_fit(Matrix::Zero(3, 2), Matrix::Ones(3, 1), 1e-12).rank == 0);
  CHECK(linear_fit(Matrix::Ones(1, 1), Matrix::Ones(1, 1), 1e-12).remainder(0, 0) == 0);
}
