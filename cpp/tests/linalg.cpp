#include <vector>

#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

TEST_CASE_TEMPLATE("a weighted Gram matrix is its triple loop", T, float, double) {
  for (const Index p : {1, 2, 17, 130})
    for (const Index n : {1, 50, 1300}) {
      const RowMatrixOf<T> x = random_matrix(n, p, 1).template cast<T>();
      const VectorOf<T> w = random_vector(n, 2).template cast<T>();
      Matrix want = Matrix::Zero(p, p), scale = want;
      for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < p; ++j)
          for (Index k = 0; k < p; ++k) {
            const double term = double(w[i]) * double(x(i, j)) * double(x(i, k));
            want(j, k) += term;
            scale(j, k) += std::abs(term);
          }
      const MatrixOf<T> columns = x;
      for (const MatrixView<T>& view : {view_of(x), MatrixView<T>{columns.data(), n, p, 1, n}}) {
        MatrixOf<T> h;
        weighted_gram(view, VectorView<T>{w.data(), n, 1}, h);
        const double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-13;
        CHECK(((h.template cast<double>() - want).cwiseAbs().array() <=
               tolerance * scale.array() + 1e-300)
                  .all());
        CHECK(h == h.transpose());
      }
    }
}

TEST_CASE("a Gram matrix has the same bits for any team") {
  const RowMatrix x = random_matrix(20'000, 9, 3);
  const Vector w = random_vector(20'000, 4);
  check_same_bits_for_any_team([&] {
    Matrix h;
    weighted_gram(view_of(x), VectorView<double>{w.data(), w.size(), 1}, h);
    return h;
  });
}

TEST_CASE_TEMPLATE("Cholesky factors multiply back", T, float, double) {
  for (const Index n : {1, 2, 50, 127, 128, 129, 300}) {
    const Matrix a = random_matrix(n, n + 5, 5);
    const MatrixOf<T> h =
        (a * a.transpose() / double(n) + Matrix::Identity(n, n)).template cast<T>();
    MatrixOf<T> l = h;
    CHECK(!cholesky_factor(l).failed());
    const MatrixOf<T> lower = l.template triangularView<Eigen::Lower>();
    const double eps = std::numeric_limits<T>::epsilon();
    CHECK(relative_error((lower * lower.transpose()).template cast<double>(),
                         h.template cast<double>()) < double(n) * eps);

    MatrixOf<T> x = random_matrix(n, 2, 6).template cast<T>();
    const MatrixOf<T> b = x;
    MatrixOf<T> work = h;
    cholesky_solve(work, x);
    CHECK(relative_error((h * x).template cast<double>(), b.template cast<double>()) <
          50 * double(n) * eps);
  }
}

TEST_CASE("Cholesky names the pivot that fails") {
  for (const Index row : {0, 3, 127, 128, 199}) {
    Matrix h = 2 * Matrix::Identity(200, 200);
    h(row, row) = -1;
    const Pivot pivot = cholesky_factor(h);
    CHECK(pivot.row == row);
    CHECK(pivot.value == -1);
  }
  Matrix nan = Matrix::Constant(3, 3, std::nan(""));
  CHECK(cholesky_factor(nan).row == 0);
  Matrix tiny = Matrix::Identity(2, 2);
  tiny(1, 1) = 1e-20;
  CHECK(cholesky_factor(tiny, 1e-15).row == 1);
  Matrix h = -Matrix::Identity(2, 2), b = Matrix::Ones(2, 1);
  CHECK_THROWS_WITH_AS(cholesky_solve(h, b), "H: not positive definite; pivot 0 is -1",
                       NotPositiveDefinite);
}

TEST_CASE("Cholesky has the same bits for any team") {
  const Matrix a = random_matrix(500, 500, 7);
  const Matrix h = a * a.transpose() + 500 * Matrix::Identity(500, 500);
  check_same_bits_for_any_team([&] {
    Matrix l = h;
    cholesky_factor(l);
    return Matrix(l.triangularView<Eigen::Lower>());
  });
}

TEST_CASE("dot products and updates of long vectors") {
  for (const Index n : {1, 15, 16, 17, 16384, 16385, 200'003}) {
    const Vector a = random_vector(n, 8), b = random_vector(n, 9);
    CHECK(dot(a, b) == doctest::Approx(a.dot(b)).epsilon(1e-12));
    Vector y = b;
    axpy(0.5, a.data(), y.data(), n);
    CHECK(relative_error(y, b + 0.5 * a) < 1e-15);
    check_same_bits_for_any_team([&] { return dot(a, b); });
  }
}

namespace {

// The inverse BFGS matrix by its defining update (Nocedal & Wright, 6.17).
Matrix dense_bfgs(const std::vector<Vector>& s, const std::vector<Vector>& y) {
  const Index n = s[0].size();
  Matrix h = Matrix::Identity(n, n) * (s.back().dot(y.back()) / y.back().squaredNorm());
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double rho = 1 / s[i].dot(y[i]);
    const Matrix v = Matrix::Identity(n, n) - rho * y[i] * s[i].transpose();
    h = v.transpose() * h * v + rho * s[i] * s[i].transpose();
  }
  return h;
}

}  // namespace

TEST_CASE("the history is the BFGS update of its last pairs, through any wrap of the ring") {
  const Index n = 12, capacity = 4;
  const Matrix a = random_matrix(n, n, 10);
  const Matrix hessian = a * a.transpose() + Matrix::Identity(n, n);
  LbfgsHistory history(n, capacity);
  std::vector<Vector> s, y;
  const Vector g = random_vector(n, 11);
  for (unsigned k = 0; k < 11; ++k) {
    const Vector step = random_vector(n, 20 + k);
    CHECK(history.push(step, hessian * step));
    s.push_back(step);
    y.push_back(hessian * step);
    if (s.size() > static_cast<std::size_t>(capacity)) {
      s.erase(s.begin());
      y.erase(y.begin());
    }
    Vector q = g;
    history.apply(q);
    CHECK(history.count() == static_cast<Index>(s.size()));
    CHECK(relative_error(q, dense_bfgs(s, y) * g) < 1e-11);
  }
  // Pairs without curvature, or lost in rounding, are left out; scale does not matter.
  CHECK(!history.push(s[0], -y[0]));
  CHECK(!history.push(s[0], Vector::Zero(n)));
  CHECK(!history.push(s[0], Vector::Constant(n, std::nan(""))));
  CHECK(history.push(1e-90 * s[0], 1e-60 * y[0]));
  history.clear();
  CHECK(history.count() == 0);
}

TEST_CASE("two_loop refuses pairs without curvature") {
  const RowMatrix s = RowMatrix::Ones(1, 3), y = -s;
  const Vector g = Vector::Ones(3);
  CHECK_THROWS_AS(two_loop(VectorView<double>{g.data(), 3, 1}, view_of(s), view_of(y)),
                  ArgumentError);
}
