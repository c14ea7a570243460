#include <vector>

#include <Eigen/Eigenvalues>
#include "hessopt/core/scratch.hpp"
#include "hessopt/linalg/gram.hpp"

#include "hessopt/linalg/bfgs_matrix.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"
#include "hessopt/linalg/trust_region.hpp"
#include "hessopt/linalg/vector_ops.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

TEST_CASE_TEMPLATE("a weighted Gram matrix is its triple loop", T, float, double) {
  for (const Index p : {1, 2, 17, 130, 521})
    for (const Index n : {1, 50, 400, 1300}) {
      if (n * p > 300'000) continue;
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
        const MatrixOf<T> h = weighted_gram(view, VectorView<T>{w.data(), n, 1}).template cast<T>();
        const double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-13;
        CHECK(((h.template cast<double>() - want).cwiseAbs().array() <=
               tolerance * scale.array() + 1e-300)
                  .all());
        CHECK(h == h.transpose());
      }
    }
}

TEST_CASE_TEMPLATE("a product of two matrices, in any strides", T, float, double) {
  for (const Index n : {1, 7, 384, 1000}) {
    const Index p = 19, q = 70;
    const RowMatrixOf<T> x = random_matrix(n, 2 * p, 5).template cast<T>();
    const MatrixOf<T> z = random_matrix(n, q, 6).template cast<T>();
    const VectorOf<T> w = random_vector(2 * n, 7).template cast<T>();
    const MatrixView<T> every_second{x.data(), n, p, 2 * p, 2};
    const VectorOf<T> weights = w(Eigen::seqN(0, n, 2));
    const MatrixOf<T> columns = x(Eigen::all, Eigen::seqN(0, p, 2));
    const Matrix want = columns.template cast<double>().transpose() *
                        weights.template cast<double>().asDiagonal() * z.template cast<double>();
    const Matrix got =
        weighted_gram(every_second, VectorView<T>{w.data(), n, 2}, {z.data(), n, q, 1, n});
    CHECK(relative_error(got, want) < 10 * double(std::numeric_limits<T>::epsilon()));
    const Matrix square = weighted_gram(every_second, VectorView<T>{w.data(), n, 2});
    CHECK(relative_error(square, columns.template cast<double>().transpose() *
                                     weights.template cast<double>().asDiagonal() *
                                     columns.template cast<double>()) <
          10 * double(std::numeric_limits<T>::epsilon()));
  }
}

TEST_CASE("scratch memory is kept, and never by two at once") {
  void* first = nullptr;
  {
    const Scratch outer(1000);
    first = outer.data();
    const Scratch inner(1000);
    CHECK(inner.data() != outer.data());
    CHECK(reinterpret_cast<std::uintptr_t>(inner.data()) % 64 == 0);
  }
  CHECK(Scratch(500).data() == first);
  CHECK(Scratch(0).data() == first);
}

TEST_CASE("a Gram matrix has the same bits for any team") {
  for (const auto& shape :
       std::vector<std::pair<Index, Index>>{{20'000, 9}, {1000, 600}, {200, 700}}) {
    const Index n = shape.first;
    const RowMatrix x = random_matrix(n, shape.second, 3);
    const Vector w = random_vector(n, 4);
    check_same_bits_for_any_team(
        [&] { return weighted_gram(view_of(x), VectorView<double>{w.data(), w.size(), 1}); });
  }
}

TEST_CASE("dot products and updates of long vectors") {
  for (const Index n : {1, 15, 16, 17, 16384, 16385, 200'003}) {
    const Vector a = random_vector(n, 8), b = random_vector(n, 9);
    CHECK(dot(a, b) == doctest::Approx(a.dot(b)).epsilon(1e-12));
    Vector y = b;
    axpy(0.5, a.data(), y.data(), n);
    CHECK(relative_error(y, b + 0.5 * a) < 1e-15);
    check_same_bits_for_any_team([&] { return dot(a, b); });
    const RowMatrix columns = (RowMatrix(n, 2) << a, b).finished();
    const VectorView<double> first{columns.data(), n, 2}, second{columns.data() + 1, n, 2};
    CHECK(dot(first, second) == dot(a, b));
    axpy(0.5, first, y.data());
    CHECK(relative_error(y, b + a) < 1e-15);
  }
}

TEST_CASE_TEMPLATE("passes over vectors are their formulas, also in place", T, float, double) {
  const double eps = std::numeric_limits<T>::epsilon();
  const auto wide = [](const VectorOf<T>& v) -> Vector { return v.template cast<double>(); };
  for (const Index n : {1, 17, 40'000}) {
    const Vector d = random_vector(n, 10);
    const VectorOf<T> x = random_vector(n, 11).template cast<T>(), y = d.template cast<T>();
    VectorOf<T> out;
    combine(2, x, -3, y, out);
    CHECK(relative_error(wide(out), 2 * wide(x) - 3 * wide(y)) < 2 * eps);
    VectorOf<T> same = x;
    combine(2, same, -3, y, same);
    CHECK(same == out);
    scale(0.5, same);
    CHECK(same == T(0.5) * out);
    add(x, d, out);
    CHECK(relative_error(wide(out), wide(x) + wide(y)) < 2 * eps);
    CHECK(widened<T>(0.25, x) == 0.25 * wide(x));
    narrow<T>(4, 0.25 * wide(x), out);
    CHECK(out == x);
    for (const double unit : {1e-30, 1e30})
      CHECK(norm((T(unit) * x).eval()) == doctest::Approx(unit * norm(x)).epsilon(10 * eps));
  }
  Vector product = random_vector(9, 12);
  const Vector want = product.cwiseAbs2();
  multiply(product, product);
  CHECK(product == want);
  CHECK(norm(Vector::Constant(3, 5e-324).eval()) > 0);
}

TEST_CASE("the way to the boundary of a ball") {
  const Vector s = 0.5 * random_vector(5, 13).normalized(), p = 3 * random_vector(5, 14);
  for (const double unit : {1e-200, 1.0, 1e200}) {
    const double tau = to_boundary(unit * s, p, unit);
    CHECK(tau > 0);
    CHECK((s + tau / unit * p).norm() == doctest::Approx(1));
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

// H v
template <class Model>
Vector inverse(const Model& model, const Vector& v) {
  Vector out(v.size());
  model.template apply<double>(v, 1, out);
  return out;
}

}  // namespace

TEST_CASE("the history is the BFGS update of its last pairs, through any wrap of the ring") {
  const Index n = 12, capacity = 4;
  const Matrix a = random_matrix(n, n, 10);
  const Matrix hessian = a * a.transpose() + Matrix::Identity(n, n);
  LbfgsHistory<double> history(n, capacity);
  BfgsMatrix matrix;
  std::vector<Vector> s, y;
  Vector x = random_vector(n, 11);
  for (unsigned k = 0; k < 11; ++k) {
    const Vector step = random_vector(n, 20 + k), next = x + step;
    CHECK(history.push<double>(x, next, hessian * x, hessian * next, 1.0));
    CHECK(matrix.push<double>(x, next, hessian * x, hessian * next, 1.0));
    CHECK(history.step_norm() == doctest::Approx(step.norm()));
    s.push_back(next - x);
    y.push_back(hessian * next - hessian * x);
    x = next;
    // The secant equation of the newest pair.
    CHECK(relative_error(inverse(history, y.back()), s.back()) < 1e-12);
    CHECK(relative_error(inverse(matrix, y.back()), s.back()) < 1e-12);
    if (s.size() > static_cast<std::size_t>(capacity)) {
      s.erase(s.begin());
      y.erase(y.begin());
    }
    const Vector g = hessian * x, want = dense_bfgs(s, y) * g;
    CHECK(history.count() == static_cast<Index>(s.size()));
    CHECK(relative_error(inverse(history, g), want) < 1e-11);
    Vector d(n);
    const double slope = history.direction<double>(g, 1.0, d);
    CHECK(slope == doctest::Approx(g.dot(d)));
    CHECK(relative_error(d, -want) < 1e-11);
  }
  // Pairs without curvature, or lost in rounding, are left out; scale does not matter.
  const Vector zero = Vector::Zero(n);
  const auto offer = [&](const Vector& step, const Vector& change) {
    return history.push<double>(zero, step, zero, change, 1.0);
  };
  CHECK(!offer(s[0], -y[0]));
  CHECK(!offer(s[0], zero));
  CHECK(!offer(s[0], Vector::Constant(n, std::nan(""))));
  CHECK(offer(1e-90 * s[0], 1e-60 * y[0]));
  history.clear();
  CHECK(history.count() == 0);
}

TEST_CASE("the full BFGS matrix is its update from a scaled identity") {
  const Index n = 7;
  const Matrix a = random_matrix(n, n, 12), hessian = a * a.transpose();
  BfgsMatrix matrix;
  Matrix want;
  Vector x = Vector::Zero(n);
  for (unsigned k = 0; k < 5; ++k) {
    const Vector next = random_vector(n, 40 + k), s = next - x, y = hessian * s;
    matrix.push<double>(x, next, hessian * x, hessian * next, 1.0);
    if (k == 0) want = Matrix::Identity(n, n) * (s.dot(y) / y.squaredNorm());
    const double rho = 1 / s.dot(y);
    const Matrix v = Matrix::Identity(n, n) - rho * y * s.transpose();
    want = (v.transpose() * want * v + rho * s * s.transpose()).eval();
    x = next;
    for (Index j = 0; j < n; ++j)
      CHECK(relative_error(inverse(matrix, Vector::Unit(n, j)), want.col(j)) < 1e-10);
  }
}

namespace {

// Directions of long vectors, by inner products and by the recursion as it stands.
template <Real T>
void check_long_history(double tolerance) {
  const Index n = 40'000, capacity = 5;  // above long_vector, over several tasks
  LbfgsHistory<T> history(n, capacity);
  VectorOf<T> x = random_vector(n, 60).cast<T>(), g;
  const Vector scale = random_vector(n, 61).cwiseAbs().array() + 0.1;
  for (unsigned k = 0; k < 9; ++k) {
    const VectorOf<T> next = random_vector(n, 62 + k).cast<T>();
    g = scale.cast<T>().cwiseProduct(next);
    CHECK(history.template push<T>(x, next, scale.cast<T>().cwiseProduct(x), g, 0.5));
    x = next;
    VectorOf<T> d;
    const double slope = history.template direction<T>(g, 0.5, d);
    Vector q = 0.5 * g.template cast<double>();
    const Array a = history.down(q);
    q *= history.gamma();
    history.up(a, q);
    CHECK(relative_error(d.template cast<double>(), -q) < tolerance);
    CHECK(slope == doctest::Approx(0.5 * dot(d, g)).epsilon(1e-5));
    // The products are of y as it was before it was rounded to T.
    CHECK(relative_error(inverse(history, 0.5 * g.template cast<double>()), q) <
          (sizeof(T) == 4 ? 1e-8 : 1e-13));
  }
  check_same_bits_for_any_team([&] {
    VectorOf<T> d;
    history.template direction<T>(g, 1.0, d);
    return d.template cast<double>().eval();
  });
}

}  // namespace

TEST_CASE("the recursion on inner products is the two-loop recursion") {
  check_long_history<double>(1e-13);
  check_long_history<float>(1e-7);
}

TEST_CASE("the largest of a vector is found, and NaN before all") {
  for (const Index n : {1, 15, 16, 17, 40'000}) {
    Vector a = random_vector(n, 3);
    CHECK(max_norm(a) == a.cwiseAbs().maxCoeff());
    a[n / 2] = -std::numeric_limits<double>::infinity();
    CHECK(max_norm(a) == std::numeric_limits<double>::infinity());
    a[n - 1] = std::nan("");
    CHECK(std::isnan(max_norm(a)));
    CHECK(std::isnan(max_norm(a.cast<float>().eval())));
  }
  CHECK(max_norm(Vector()) == 0);
}

TEST_CASE("the step in a ball is the minimiser of the model, in the hard case too") {
  const Index n = 9;
  for (unsigned seed = 0; seed < 60; ++seed) {
    const Matrix a = random_matrix(n, n, 200 + seed);
    Matrix h = 0.5 * (a + a.transpose());
    if (seed % 3 == 0) h += 5 * Matrix::Identity(n, n);
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(h);
    Vector g = random_vector(n, 300 + seed);
    const Vector lowest = eigen.eigenvectors().col(0);
    if (seed % 4 == 0) g -= lowest.dot(g) * lowest;  // no part along the lowest eigenvector
    if (seed == 1) g.setZero();
    const double radius = std::pow(10.0, seed % 5 - 2.0);
    ShiftedCholesky model;
    CHECK(model.set(h, 1.0));
    const RegionStep step = region_step(model, g, radius);
    const auto value = [&](const Vector& d) { return g.dot(d) + 0.5 * d.dot(h * d); };
    CHECK(step.d.norm() <= radius * 1.1 * (1 + 1e-12));
    // The best of the secular equation solved by bisection on the eigenvalues.
    const Vector c = eigen.eigenvectors().transpose() * g, l = eigen.eigenvalues();
    const auto at = [&](double lambda) -> Vector {
      return -(eigen.eigenvectors() * (c.array() / (l.array() + lambda)).matrix());
    };
    double low = std::max(0.0, -l[0]), high = low + g.norm() / radius + 1;
    Vector best;
    if (l[0] > 0 && at(0).norm() <= radius) {
      best = at(0);
    } else {
      for (int k = 0; k < 200; ++k) {
        const double middle = 0.5 * (low + high);
        (at(middle).norm() > radius ? low : high) = middle;
      }
      best = at(high);
      // What is missing lies along the lowest eigenvector.
      best += std::sqrt(std::max(0.0, radius * radius - best.squaredNorm())) * lowest;
    }
    INFO(seed);
    CHECK(value(step.d) <= 0.79 * value(best) + 1e-12);
  }
}

TEST_CASE("two_loop refuses pairs without curvature") {
  const RowMatrix s = RowMatrix::Ones(1, 3), y = -s;
  const Vector g = Vector::Ones(3);
  CHECK_THROWS_AS(two_loop(VectorView<double>{g.data(), 3, 1}, view_of(s), view_of(y)),
                  ArgumentError);
}
