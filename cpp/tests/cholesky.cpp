#include <Eigen/LU>
#include <limits>

#include "hessopt/linalg/batched.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/cholesky_inverse.hpp"
#include "hessopt/linalg/cholesky_update.hpp"
#include "hessopt/linalg/condition.hpp"
#include "hessopt/linalg/modified_cholesky.hpp"
#include "hessopt/linalg/null_space.hpp"
#include "hessopt/linalg/refinement.hpp"
#include "hessopt/linalg/shifted_cholesky.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

template <Real T>
MatrixOf<T> definite(Index n, unsigned seed) {
  const Matrix a = random_matrix(n, n + 5, seed);
  return (a * a.transpose() / double(n) + Matrix::Identity(n, n)).template cast<T>();
}
template <Real T>
MatrixOf<T> lower(const MatrixOf<T>& l) {
  return l.template triangularView<Eigen::Lower>();
}

}  // namespace

TEST_CASE_TEMPLATE("Cholesky factors multiply back, and leave what is above alone", T, float,
                   double) {
  const double eps = std::numeric_limits<T>::epsilon();
  const T mark = 12345;
  for (Index n = 1; n <= 300; n += n < 120 ? 1 : 7) {
    const MatrixOf<T> h = definite<T>(n, 5);
    MatrixOf<T> l = h;
    l.template triangularView<Eigen::StrictlyUpper>().setConstant(mark);
    INFO(n);
    CHECK(!cholesky_factor(l).failed());
    const MatrixOf<T> known = lower(l);
    CHECK(relative_error((known * known.transpose()).template cast<double>(),
                         h.template cast<double>()) < 2 * double(n) * eps);
    MatrixOf<T> upper = MatrixOf<T>::Constant(n, n, mark);
    upper.template triangularView<Eigen::Lower>() = l;
    CHECK(upper == l);

    for (const Index k : {1, 3}) {
      MatrixOf<T> x = random_matrix(n, k, 6).template cast<T>();
      const MatrixOf<T> b = x;
      cholesky_solve_in_place(l, x);
      CHECK(relative_error((h * x).template cast<double>(), b.template cast<double>()) <
            50 * double(n) * eps);
    }
  }
}

TEST_CASE_TEMPLATE("Cholesky names the pivot that fails", T, float, double) {
  const Index n = 230;
  for (Index row = 0; row < n; row += row < 30 || row > 90 ? 1 : 5) {
    MatrixOf<T> h = 2 * MatrixOf<T>::Identity(n, n);
    h(row, row) = -1;
    const Pivot pivot = cholesky_factor(h);
    CHECK(pivot.row == row);
    CHECK(pivot.value == -1);
    h = MatrixOf<T>::Identity(n, n);
    Vector floors = Vector::Constant(n, 0.5);
    floors[row] = 1;
    CHECK(cholesky_factor(h, floors.data()).row == row);
    h = MatrixOf<T>::Identity(n, n);
    h(row, row) = std::numeric_limits<T>::quiet_NaN();
    CHECK(cholesky_factor(h).row == row);
  }
  Matrix h = -Matrix::Identity(2, 2), b = Matrix::Ones(2, 1);
  CHECK_THROWS_WITH_AS(cholesky_solve(h, b), "H: not positive definite; pivot 0 is -1",
                       NotPositiveDefinite);
}

TEST_CASE_TEMPLATE("Cholesky has the same bits for any team", T, float, double) {
  for (const Index n : {200, 517}) {
    const MatrixOf<T> h = definite<T>(n, 7), b = random_matrix(n, 1, 8).template cast<T>();
    check_same_bits_for_any_team([&] {
      MatrixOf<T> l = h, x = b;
      cholesky_factor(l);
      cholesky_solve_in_place(l, x);
      MatrixOf<T> out(n, n + 1);
      out << lower(l), x;
      return out;
    });
  }
}

TEST_CASE_TEMPLATE("triangular solves over several blocks", T, float, double) {
  for (const Index n : {255, 256, 257, 600, 2400}) {
    MatrixOf<T> l = MatrixOf<T>::Random(n, n) / T(n);
    l.diagonal().setOnes();
    const MatrixOf<T> known = lower(l);
    MatrixOf<T> x = random_matrix(n, 1, 10).template cast<T>(), y = x;
    const MatrixOf<T> b = x;
    solve_lower(l, x);
    solve_lower_transposed(l, y);
    const double tolerance = 100 * double(std::numeric_limits<T>::epsilon());
    CHECK(relative_error((known * x).template cast<double>(), b.template cast<double>()) <
          tolerance);
    CHECK(relative_error((known.transpose() * y).template cast<double>(),
                         b.template cast<double>()) < tolerance);
  }
}

TEST_CASE("a factor follows what is added and taken away") {
  for (const Index n : {1, 31, 32, 33, 200})
    for (const Index k : {1, 4}) {
      const Matrix h = definite<double>(n, 11), v = random_matrix(n, k, 12);
      Matrix l = h, more = h + v * v.transpose(), work = v;
      cholesky_factor(l);
      cholesky_factor(more);
      Matrix at = l;
      CHECK(!cholesky_modify(at, work, Modification::add).failed());
      CHECK(relative_error(lower(at), lower(more)) < 1e-13);
      work = v;
      CHECK(!cholesky_modify(at, work, Modification::subtract).failed());
      CHECK(relative_error(lower(at), lower(l)) < 1e-10);
      work = 100 * Matrix::Identity(n, 1);
      CHECK(cholesky_modify(at, work, Modification::subtract).row == 0);
    }
}

TEST_CASE("the inverse, its diagonal and its norm") {
  for (const Index n : {1, 47, 48, 49, 150}) {
    const Matrix h = definite<double>(n, 13), want = h.inverse();
    Matrix l = h, got(n, n);
    cholesky_factor(l);
    cholesky_inverse(l, got);
    CHECK(relative_error(got, want) < 1e-12);
    CHECK(got == got.transpose());
    CHECK(relative_error(cholesky_inverse_diagonal(l), want.diagonal()) < 1e-12);
    const double norm = want.cwiseAbs().colwise().sum().maxCoeff(), found = inverse_norm(l);
    CHECK(found < norm * (1 + 1e-12));
    CHECK(found > norm / 10);
    CHECK(symmetric_norm(h) == doctest::Approx(h.cwiseAbs().colwise().sum().maxCoeff()));
  }
}

TEST_CASE_TEMPLATE("a modified factor is that of H + E", T, float, double) {
  for (const Index n : {1, 2, 47, 48, 49, 130}) {
    Matrix a = random_matrix(n, n, 14);
    a(0, 0) = -1;
    const MatrixOf<T> h = (a + a.transpose()).template cast<T>();
    MatrixOf<T> l = h;
    const VectorOf<T> e = modified_cholesky(l);
    CHECK(e.minCoeff() >= 0);
    CHECK(e.maxCoeff() > 0);
    const MatrixOf<T> known = lower(l), sum = h + MatrixOf<T>(e.asDiagonal());
    CHECK(relative_error((known * known.transpose()).template cast<double>(),
                         sum.template cast<double>()) <
          10 * double(n) * double(std::numeric_limits<T>::epsilon()));
    l = definite<T>(n, 15);
    CHECK(modified_cholesky(l).isZero(0));
  }
}

TEST_CASE("a shifted factor keeps its matrix") {
  for (const Index n : {1, 2, 3, 4, 5, 9, 16, 37, 150}) {
    const Matrix h = definite<double>(n, 20), rest = h - Matrix(h.diagonal().asDiagonal());
    const Vector v = random_vector(n, 21);
    ShiftedCholesky factor;
    CHECK(factor.set(2 * h, 0.5));
    for (const double shift : {0.0, 3.0}) {
      CHECK(!factor.factor(shift).failed());
      CHECK(relative_error(factor.multiply(v), h * v) < 1e-14);
      CHECK(relative_error(factor.off_diagonal_sums(), rest.cwiseAbs().rowwise().sum()) < 1e-14);
      Vector x = v, half = v;
      factor.solve(x);
      CHECK(relative_error(h * x + shift * x, v) < 1e-13);
      factor.half_solve(half);
      CHECK(half.squaredNorm() == doctest::Approx(v.dot(x)));
    }
    CHECK(is_definite(h, 0.5));
    CHECK(!is_definite(h, h(0, 0)));
    CHECK(!is_definite(-h, 0));
  }
}

TEST_CASE("refinement") {
  const Index n = 80;
  const Matrix h = definite<double>(n, 16);
  const RowMatrix rows = h;
  MatrixOf<float> l = h.cast<float>();
  cholesky_factor(l);
  const Vector want = random_vector(n, 17);
  Vector x = h * want;
  const RowMatrix wide = rows.replicate(1, 2).reshaped<Eigen::RowMajor>(2 * n, n);  // every second
  for (const MatrixView<double>& view :
       {view_of(rows), MatrixView<double>{h.data(), n, n, 1, n}, view_of(wide).every(2)}) {
    x = h * want;
    CHECK(refined_solve(l, view, symmetric_norm(h), x));
    CHECK(relative_error(x, want) < 1e-13);
  }
  l *= 3e-3f;  // the factor of something else
  CHECK(!refined_solve(l, view_of(rows), 1.0, x));
}

TEST_CASE_TEMPLATE("stacks of systems", T, float, double) {
  for (const Index n : {1, 3, 4, 5, 9, 64, 65})
    for (const Index count : {1, 2, 3, 7, 33}) {
      RowMatrixOf<T> h(count * n, n), b = random_matrix(count * n, 2, 18).template cast<T>();
      for (Index s = 0; s < count; ++s)
        h.middleRows(s * n, n) = definite<T>(n, 19 + static_cast<unsigned>(s));
      const StackView<T> matrices{{h.data(), n, n, n, 1}, count, n * n};
      const StackView<T> right{{b.data(), n, 2, 2, 1}, count, n * 2};
      check_same_bits_for_any_team([&] {
        RowMatrixOf<T> x(count * n, 2);
        cholesky_solve_stack(matrices, right, x.data());
        for (Index s = 0; s < count; ++s)
          CHECK(relative_error(
                    (h.middleRows(s * n, n) * x.middleRows(s * n, n)).template cast<double>(),
                    b.middleRows(s * n, n).template cast<double>()) <
                100 * double(n) * double(std::numeric_limits<T>::epsilon()));
        return x;
      });
      h(count * n - 1, n - 1) = -1;
      RowMatrixOf<T> x(count * n, 2);
      CHECK_THROWS_AS(cholesky_solve_stack(matrices, right, x.data()), NotPositiveDefinite);
    }
}

TEST_CASE("the null space of a semidefinite matrix") {
  for (const Index n : {1, 2, 9, 40})
    for (const Index rank : {Index{0}, n / 2, n}) {
      // Directions of which some have coordinates of very different size.
      Matrix b = random_matrix(n, rank, static_cast<unsigned>(n));
      b.topRows(n / 3) *= 1e-2;
      const Matrix h = b * b.transpose();
      Matrix lower_only = h;
      lower_only.triangularView<Eigen::StrictlyUpper>().setConstant(
          std::numeric_limits<double>::quiet_NaN());
      const Matrix basis = null_space(lower_only, 1e-11);
      INFO(n, " ", rank);
      REQUIRE(basis.rows() == n);
      REQUIRE(basis.cols() == n - rank);
      if (rank == n) continue;
      CHECK((h * basis).cwiseAbs().maxCoeff() <=
            1e-10 * std::max(h.cwiseAbs().maxCoeff(), 1e-300) * basis.cwiseAbs().maxCoeff());
      // Each column alone has a 1 in a row of its own.
      Index own = 0;
      for (Index i = 0; i < n; ++i)
        own += (basis.row(i).array() != 0).count() == 1 && basis.row(i).maxCoeff() == 1;
      CHECK(own >= n - rank);
    }
  CHECK(null_space(Matrix(0, 0), 1e-11).size() == 0);
}
