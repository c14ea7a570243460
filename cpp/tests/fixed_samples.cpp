#include "hessopt/expectation/fixed_samples.hpp"

#include "hessopt/core/error.hpp"
#include "hessopt/expectation/parameter_samples.hpp"
#include "hessopt/losses/table.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "normal_quantile.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

constexpr Index n = 400, p = 4;
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % 2); });

auto data(const RowMatrix& rows, bool intercept = true) {
  return make_data(DenseRows(view_of(rows)), labels,
                   {.l2 = Vector::Constant(1, 0.1), .intercept = intercept});
}
LinearModel logistic(bool intercept = true) { return {Logistic{}, data(x, intercept)}; }
SoftmaxModel softmax() { return {data(x), 2}; }

std::shared_ptr<const NetPoints> points(Index k, Index cols) {
  std::mt19937 engine(3);
  return std::make_shared<const NetPoints>(
      NetPoints::NullaryExpr(k, cols, [&] { return static_cast<std::uint32_t>(engine()); }));
}

double value(const auto& f, const Vector& at) {
  Vector g(at.size());
  return f.value_and_gradient(at, g);
}

// x with the noise of sample k, element by element.
RowMatrix noisy(const NoiseSamples& noise, Index k) {
  RowMatrix out(n, p);
  for (Index e = 0; e < n * p; ++e) noise.apply(k, e, 1, x.data() + e, out.data() + e);
  return out;
}

const Noise input_laws[] = {Dropout{0.4, 9}, GaussianDropout{0.4, 9}, GaussianNoise{0.7, 9}};

template <class Test>
void for_each_sampling(const Noise& law, Index cols, Test&& test) {
  test(NoiseSamples(law, 4));
  test(NoiseSamples(law, 4, true));
  test(NoiseSamples(law, points(4, cols)));
}

}  // namespace

TEST_CASE("the quantile is the inverse of the normal law") {
  double worst = 0;
  for (int i = 1; i <= 35; ++i) {
    const double tail = std::ldexp(1.0, -i) * 0.999;
    using kernels::normal_quantile, kernels::SixteenReals;
    const SixteenReals z = normal_quantile(SixteenReals::Constant(tail));
    // A relative error of the tail is one of z, times about z^2 there.
    worst = std::max(worst, std::abs(0.5 * std::erfc(-z[0] * M_SQRT1_2) / tail - 1));
    CHECK(normal_quantile(SixteenReals::Constant(1 - std::ldexp(1.0, -i)))[7] ==
          -normal_quantile(SixteenReals::Constant(std::ldexp(1.0, -i)))[3]);
  }
  CHECK(worst < 1e-13);
}

TEST_CASE("fixed samples are the mean over copies of the data with their noise") {
  const Vector at = random_vector(p + 1, 5);
  for (const Noise& law : input_laws)
    for_each_sampling(law, p, [&](const NoiseSamples& noise) {
      double want = 0;
      for (Index k = 0; k < 4; ++k) {
        const RowMatrix copy = noisy(noise, k);
        want += value(LinearModel(Logistic{}, data(copy)), at) / 4;
      }
      CHECK(value(fixed_samples(logistic(), noise), at) == doctest::Approx(want).epsilon(1e-13));
    });
}

TEST_CASE("samples of the parameters are the mean over parameters with their factors") {
  const Vector at = random_vector(2 * (p + 1), 5);
  const auto penalty = [](const Vector& w) {
    return 0.05 * (w.squaredNorm() - w[p] * w[p] - w[2 * p + 1] * w[2 * p + 1]);
  };
  for_each_sampling(DropConnect{0.4, 9}, at.size(), [&](const NoiseSamples& noise) {
    double want = penalty(at);
    for (Index k = 0; k < 4; ++k) {
      Vector w(at.size());
      noise.apply(k, 0, w.size(), at.data(), w.data());
      for (const Index j : {p, 2 * p + 1}) w[j] = at[j];
      want += (value(softmax(), w) - penalty(w)) / 4;
    }
    CHECK(value(ParameterSamples(softmax(), noise), at) == doctest::Approx(want).epsilon(1e-13));
  });
}

TEST_CASE("derivatives of fixed samples agree with differences") {
  for (const bool intercept : {true, false}) {
    const Vector at = random_vector(p + (intercept ? 1 : 0), 2);
    for (const Noise& law : input_laws)
      check_derivatives(fixed_samples(logistic(intercept), {law, 3}), at);
    check_derivatives(ParameterSamples(logistic(intercept), {DropConnect{0.3, 5}, 3}), at);
  }
  const Vector at = random_vector(2 * (p + 1), 3);
  check_derivatives(fixed_samples(softmax(), {Dropout{0.3, 5}, 3}), at);
  check_derivatives(ParameterSamples(softmax(), {DropConnect{0.3, 5}, 3}), at);
}

TEST_CASE("noise of a float tensor is that of a double one") {
  const RowMatrixOf<float> narrow = x.cast<float>();
  const RowMatrix wide = narrow.cast<double>();
  const auto copy = [](const auto& rows, const NoiseSamples& noise) {
    auto out = rows;
    noise.apply(1, 77, rows.size(), rows.data(), out.data());
    return out.template cast<double>().eval();
  };
  for (const Noise& law : input_laws)
    for_each_sampling(law, p, [&](const NoiseSamples& noise) {
      CHECK(relative_error(copy(narrow, noise), copy(wide, noise)) < 1e-6);
    });
}

TEST_CASE("antithetic samples and nets") {
  const RowMatrix ones = RowMatrix::Ones(n, p);
  const auto factors = [&](const NoiseSamples& noise, Index k) {
    RowMatrix z(n, p);
    noise.apply(k, 0, n * p, ones.data(), z.data());
    return z;
  };
  const NoiseSamples half(Dropout{0.5, 1}, 4, true), normal(GaussianNoise{1.0, 1}, 4, true);
  CHECK(factors(half, 2) + factors(half, 3) == 2 * ones);
  CHECK((factors(normal, 2) + factors(normal, 3) - 2 * ones).norm() < 1e-13);
  // The fractions i / 8 and any shift: each eighth once.
  NetPoints eighths(8, p);
  for (Index k = 0; k < 8; ++k) eighths.row(k).setConstant(static_cast<std::uint32_t>(k) << 29);
  const NoiseSamples net(Dropout{0.25, 1}, std::make_shared<const NetPoints>(eighths));
  RowMatrix sum = RowMatrix::Zero(n, p);
  for (Index k = 0; k < 8; ++k) sum += factors(net, k);
  CHECK((sum - 8 * ones).norm() < 1e-12);
  CHECK((factors(net, 0).array() == 0).any());
}

TEST_CASE("parts of a model add up to it") {
  const Vector at = random_vector(p + 1, 5);
  const auto model = logistic();
  double sum = 0;
  for (Index k = 0; k < 3; ++k)
    for (const auto& [begin, count] : {std::pair<Index, Index>{0, 150}, {150, 250}}) {
      const RowMatrix rows = x.middleRows(begin, count);
      sum += value(model.with_data(model.data().part(DenseRows(view_of(rows)), begin, 3)), at);
    }
  CHECK(sum == doctest::Approx(value(model, at)).epsilon(1e-13));
}

TEST_CASE("numbers of samples that do not do are refused") {
  CHECK_THROWS_AS(NoiseSamples(Dropout{0.4, 9}, 0), ArgumentError);
  CHECK_THROWS_AS(NoiseSamples(Dropout{0.4, 9}, 3, true), ArgumentError);
}

TEST_CASE("fixed samples do not depend on the team") {
  const RowMatrix many = random_matrix(20000, p, 6);
  const Array y = Array::NullaryExpr(20000, [](Index i) { return double(i % 3 == 0); });
  const LinearModel model(Logistic{}, make_data(DenseRows(view_of(many)), y));
  const Vector at = random_vector(p + 1, 5);
  check_same_bits_for_any_team(
      [&] { return value(fixed_samples(model, {GaussianDropout{0.3, 1}, 2}), at); });
  check_same_bits_for_any_team(
      [&] { return value(ParameterSamples(model, {DropConnect{0.3, 1}, 2}), at); });
}
