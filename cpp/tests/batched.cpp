#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "hessopt/batched/covariances.hpp"
#include "hessopt/batched/newton_batch.hpp"
#include "hessopt/batched/quasi_newton_batch.hpp"
#include "hessopt/batched/squares_batch.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/kernels/table.hpp"
#include "hessopt/linalg/damped_squares.hpp"
#include "hessopt/linalg/squares_covariance.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// r = (10 (x_1 - x_0^2), c - x_0): Rosenbrock's function with its valley's end at c.
double end_of_valley(Index p) { return 1 + 0.01 * static_cast<double>(p); }

struct Told {
  RowMatrix r, j, g, h;
  Vector f;
};
Told rosenbrock(const RowMatrix& x, const std::vector<Index>& problems) {
  const Index count = x.rows();
  Told out{RowMatrix(count, 2), RowMatrix(count, 4), RowMatrix(count, 2), RowMatrix(count, 4),
           Vector(count)};
  for (Index q = 0; q < count; ++q) {
    const double a = x(q, 0), b = x(q, 1);
    const Vector r{{10 * (b - a * a), end_of_valley(problems[static_cast<std::size_t>(q)]) - a}};
    const RowMatrix j{{-20 * a, 10}, {-1, 0}};
    Matrix h = j.transpose() * j;
    h(0, 0) += -20 * r[0];
    out.r.row(q) = r;
    out.j.row(q) = j.reshaped<Eigen::RowMajor>().transpose();
    out.g.row(q) = j.transpose() * r;
    out.h.row(q) = h.reshaped<Eigen::RowMajor>().transpose();
    out.f[q] = 0.5 * r.squaredNorm();
  }
  return out;
}

void tell(NewtonBatch& b, const Told& v) { b.tell(v.f.data(), v.g.data(), v.h.data()); }
void tell(SquaresBatch& b, const Told& v) { b.tell(2, v.r.data(), v.j.data()); }
void tell(QuasiNewtonBatch& b, const Told& v) { b.tell(v.f.data(), v.g.data()); }

template <class B>
void drive(B& batch) {
  while (!batch.done()) tell(batch, rosenbrock(batch.ask(), batch.running()));
}

RowMatrix starts(Index count) { return 1.5 * random_matrix(count, 2, 7); }

template <class B>
void check_minima(B batch) {
  drive(batch);
  for (Index p = 0; p < batch.problems(); ++p) {
    CHECK(is_success(batch.progress()[static_cast<std::size_t>(p)].status));
    CHECK(std::abs(batch.x()(p, 0) - end_of_valley(p)) < 1e-6);
  }
}

}  // namespace

TEST_CASE("each of many problems comes to its own minimum") {
  const BatchOptions options{.gtol = 1e-11};
  check_minima(NewtonBatch(starts(300), options));
  check_minima(SquaresBatch(starts(300), options));
  check_minima(QuasiNewtonBatch(starts(300), options, 0));
  check_minima(QuasiNewtonBatch(starts(300), options, 5));
}

TEST_CASE("a state of many problems is saved and loaded whole") {
  NewtonBatch batch(starts(20), {});
  for (int k = 0; k < 5; ++k) tell(batch, rosenbrock(batch.ask(), batch.running()));
  NewtonBatch other;
  load(other, save(batch));
  drive(batch);
  drive(other);
  CHECK(batch.x() == other.x());
  QuasiNewtonBatch wrong;
  CHECK_THROWS_AS(load(wrong, save(batch)), std::invalid_argument);
}

TEST_CASE("bounds hold, and those that run are found in rows of more") {
  BatchOptions options;
  options.lower = RowMatrix{{-2, 0.5}};
  options.upper = RowMatrix{{0.5, 3}};
  SquaresBatch batch(starts(40), options);
  while (!batch.done()) {
    const RowMatrix asked = batch.ask();
    for (Index q = 0; q < asked.rows(); ++q) {
      CHECK(asked(q, 0) >= -2);
      CHECK(asked(q, 0) <= 0.5);
      CHECK(asked(q, 1) >= 0.5);
    }
    const Index count = asked.rows();
    RowMatrix turned(count + 1, 2);
    std::vector<Index> rows, problems{0};
    turned.row(0).setZero();
    for (Index q = 0; q < count; ++q) {
      turned.row(count - q) = asked.row(q);
      rows.push_back(count - q);
      problems.push_back(batch.running()[static_cast<std::size_t>(count - 1 - q)]);
    }
    const Told found = rosenbrock(turned, problems);
    batch.tell(2, found.r.data(), found.j.data(), {rows.data()});
  }
  for (Index p = 0; p < 40; ++p) {
    const Vector x = batch.x().row(p).transpose();
    const bool is_at_corner = x[0] == 0.5 && x[1] == 0.5;
    CHECK((is_at_corner || std::abs(x[0] + std::sqrt(0.5)) < 0.03));
  }
  options.lower = RowMatrix(1, 3);
  CHECK_THROWS_AS(SquaresBatch(starts(2), options), ArgumentError);
}

TEST_CASE("sums over rows and damped steps agree with plain ones") {
  const kernels::BatchKernels& kernel = kernels::batch();
  for (Index n : {1, 2, 3, 5, 8, 13, 20}) {
    const Index m = 2 * n + 3;
    const RowMatrix x = random_matrix(m, n, 3), w = random_matrix(m, 1, 4).cwiseAbs();
    RowMatrix h = RowMatrix::Zero(n, n);
    Vector g = Vector::Zero(n);
    kernel.add_rows_f64({x.data(), m, n, n}, w.data(), g.data());
    kernel.add_squares_f64({x.data(), m, n, n}, w.data(), h.data(), n);
    const Matrix want = x.transpose() * w.col(0).asDiagonal() * x;
    CHECK(relative_error(g, x.transpose() * w) < 1e-14);
    CHECK(relative_error(Matrix(h.triangularView<Eigen::Lower>()),
                         Matrix(want.triangularView<Eigen::Lower>())) < 1e-14);
    CHECK(h(0, n - 1) == (n == 1 ? h(0, 0) : 0));

    Vector packed(n * (n + 1) / 2), d = Vector::Ones(n), out(n);
    for (Index i = 0, k = 0; i < n; ++i)
      for (Index j = 0; j <= i; ++j) packed[k++] = want(i, j);
    std::vector<unsigned char> held(static_cast<std::size_t>(n));
    if (n > 1) held[1] = 1;
    std::vector<char> scratch(static_cast<std::size_t>(kernel.scratch(n)) + 64);
    kernels::DampedSystem systems[2] = {
        {packed.data(), d.data(), g.data(), held.data(), 0.5, out.data(), 0},
        {packed.data(), d.data(), g.data(), held.data(), -1e9, out.data() + 0, 0}};
    kernel.solve_damped(&systems[1], 1, n, 0, scratch.data());
    CHECK(systems[1].least_pivot == 0);
    kernel.solve_damped(systems, 1, n, 0, scratch.data());
    Matrix a = want + 0.5 * Matrix::Identity(n, n);
    Vector b = g;
    if (n > 1) {
      a.row(1).setZero();
      a.col(1).setZero();
      a(1, 1) = 1;
      b[1] = 0;
    }
    CHECK(relative_error(out, a.llt().solve(b)) < 1e-11);
    CHECK(systems[0].least_pivot > 0);
  }
}

TEST_CASE("a covariance is the inverse where there is one, and says what is open") {
  RowMatrix j = random_matrix(20, 4, 11);
  j.col(2) *= 1e6;
  TriangularRows rows(4);
  rows.add(j);
  const std::vector<bool> all(4, true);
  const SquaresCovariance known = squares_covariance(rows.r(), all, 1e-13);
  CHECK(known.rank == 4);
  const Matrix want = (j.transpose() * j).inverse();
  for (Index a = 0; a < 4; ++a)
    for (Index b = 0; b < 4; ++b)
      CHECK(std::abs(known.matrix(a, b) - want(a, b)) <= 1e-9 * std::sqrt(want(a, a) * want(b, b)));
  j.col(3) = 2 * j.col(0);
  TriangularRows dependent(4);
  dependent.add(j);
  const SquaresCovariance open = squares_covariance(dependent.r(), all, 1e-13);
  CHECK(open.rank == 3);
  CHECK(std::isinf(open.matrix(0, 0)));
  CHECK(std::isinf(open.matrix(3, 3)));
  CHECK(std::isnan(open.matrix(0, 1)));
  CHECK((j * open.null_space).norm() < 1e-10);
  const Matrix part = (j.middleCols(1, 2).transpose() * j.middleCols(1, 2)).inverse();
  CHECK(open.matrix(1, 1) > 0.99 * part(0, 0));

  const RowMatrix r = random_matrix(1, 20, 12);
  const bool free[4] = {true, true, true, false}, found[1] = {true};
  RowMatrix out(4, 4);
  batch_covariances({1, 20, 4, r.data(), j.data(), free, found}, true, out.data());
  CHECK(std::isnan(out(3, 3)));
  const Matrix rest = (j.leftCols(3).transpose() * j.leftCols(3)).inverse();
  CHECK(relative_error(out.topLeftCorner(2, 2), rest.topLeftCorner(2, 2)) < 1e-9);
}
