#include "hessopt/expectation/softmax_taylor.hpp"

#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Objective<SoftmaxTaylor>);

namespace {

constexpr Index n = 300, p = 5, K = 4;
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % K); });

SoftmaxModel model(const RowMatrix& rows, Array y, DataOptions options = {}) {
  return {make_data(DenseRows(view_of(block_of(rows))), std::move(y), std::move(options)), K};
}

// The definition, row by row: loss plus half the trace of A M.
double by_definition(const Vector& at, const Noise& noise) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    const Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>> w(at.data(), K, p,
                                                                 Eigen::OuterStride<>(p + 1));
    Vector mu = w * x.row(i).transpose();
    for (Index k = 0; k < K; ++k) mu[k] += at[k * (p + 1) + p];
    Vector s = x.row(i).cwiseAbs2().transpose();
    if (std::holds_alternative<GaussianNoise>(noise)) s.setOnes();
    s *= variance_of(noise);
    Matrix a = w * s.asDiagonal() * w.transpose();
    if (std::holds_alternative<DropConnect>(noise)) a = Matrix(a.diagonal().asDiagonal());
    const double lse = mu.maxCoeff() + std::log((mu.array() - mu.maxCoeff()).exp().sum());
    const Vector pi = (mu.array() - lse).exp();
    const Matrix m = Matrix(pi.asDiagonal()) - pi * pi.transpose();
    sum += lse - mu[Index(labels[i])] + 0.5 * (a * m).trace();
  }
  return sum / n;
}

const Noise laws[] = {Dropout{0.3}, GaussianDropout{0.6}, GaussianNoise{0.7}, DropConnect{0.3}};

}  // namespace

TEST_CASE("softmax by Taylor is its definition, and has the derivatives of it") {
  const Vector at = random_vector(K * (p + 1), 3);
  for (const Noise& noise : laws) {
    const SoftmaxTaylor f(model(x, labels), noise);
    Vector g(f.n_parameters());
    CHECK(f.value_and_gradient(at, g) == doctest::Approx(by_definition(at, noise)).epsilon(1e-13));
    check_derivatives(f, at);
  }
}

TEST_CASE("weights, offsets, a penalty and no intercept have derivatives as well") {
  RowMatrix offset = random_matrix(n, K, 5);
  const Array weight = random_vector(n, 6).array().square();
  for (const Noise& noise : laws)
    for (const bool intercept : {true, false}) {
      const auto some =
          model(x, labels, {weight, offset, random_vector(p, 7).cwiseAbs(), intercept});
      check_derivatives(SoftmaxTaylor(some, noise), random_vector(some.n_parameters(), 8));
    }
}

TEST_CASE("no noise leaves the model itself, and any team finds the same bits") {
  const Vector at = random_vector(K * (p + 1), 9);
  const auto plain = model(x, labels, {.l2 = Vector::Constant(1, 0.1)});
  const Request all{.gradient = true, .hessian = true, .along = random_matrix(at.size(), 2, 10)};
  const auto want = plain.evaluate(at, all);
  for (const Noise& none : {Noise(Dropout{0}), Noise(DropConnect{0})}) {
    const auto got = SoftmaxTaylor(plain, none).evaluate(at, all);
    CHECK(got.value == doctest::Approx(want.value).epsilon(1e-14));
    CHECK(relative_error(got.gradient, want.gradient) < 1e-13);
    CHECK(relative_error(got.hessian, want.hessian) < 1e-13);
    CHECK(relative_error(got.products, want.products) < 1e-13);
  }
  const RowMatrix many = random_matrix(20000, p, 11);
  const Array y = Array::NullaryExpr(many.rows(), [](Index i) { return double(i % K); });
  for (const Noise& noise : laws) {
    const SoftmaxTaylor f(model(many, y), noise);
    check_same_bits_for_any_team([&] {
      const auto found = f.evaluate(at, all);
      Matrix together(at.size(), at.size() + 3);
      together << found.hessian, found.products, found.gradient;
      return together;
    });
  }
}
