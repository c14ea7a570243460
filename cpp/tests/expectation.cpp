#include "hessopt/expectation/closed_form.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/noisy_copies.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

constexpr Index n = 400, p = 4;
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % 2); });

template <Loss L>
LinearModel<> model(double l2 = 0.1, bool intercept = true) {
  return LinearModel<>(L{}, make_data(DenseRows(view_of(x)), labels,
                                      {.l2 = Vector::Constant(1, l2), .intercept = intercept}));
}

MarginalDerivatives marginal(double mu, double s2, double y) {
  MarginalDerivatives d;
  const auto one = [](double value) { return Array::Constant(1, value).eval(); };
  NormalMarginal<Logistic>::evaluate(one(mu), one(s2), one(y), d);
  return d;
}

}  // namespace

TEST_CASE("the logistic marginal is its integral") {
  for (const double s : {0.0, 0.01, 0.5, 2.0, 10.0, 50.0})
    for (const double mu : {-30.0, -2.0, 0.0, 0.4, 5.0, 60.0}) {
      double integral = 0;
      const double h = 1e-3;
      for (double e = -10; e <= 10; e += h) {
        const double u = -(mu + s * e);  // y = 1
        integral += h * (std::max(u, 0.0) + std::log1p(std::exp(-std::abs(u)))) *
                    std::exp(-0.5 * e * e) / std::sqrt(2 * M_PI);
      }
      CHECK(std::abs(marginal(mu, s * s, 1).value[0] - integral) < 2e-8 * std::max(1.0, s));
    }
}

TEST_CASE("the logistic marginal has the derivatives of its own value") {
  const double h = 1e-4;
  for (const double y : {0.0, 1.0})
    for (const double mu : {-3.0, 0.2, 4.0})
      for (const double s2 : {0.3, 2.0, 30.0}) {
        const auto d = marginal(mu, s2, y);
        const auto left = marginal(mu - h, s2, y), right = marginal(mu + h, s2, y);
        const auto down = marginal(mu, s2 - h, y), up = marginal(mu, s2 + h, y);
        const auto slope = [&](const Array& a, const Array& b) { return (b[0] - a[0]) / (2 * h); };
        const auto near = [](double got, double want) {
          CHECK(got == doctest::Approx(want).epsilon(1e-6).scale(1));
        };
        near(d.mean[0], slope(left.value, right.value));
        near(d.variance[0], slope(down.value, up.value));
        near(d.mean_mean[0], slope(left.mean, right.mean));
        near(d.mean_variance[0], slope(down.mean, up.mean));
        near(d.variance_variance[0], slope(down.variance, up.variance));
      }
}

TEST_CASE("derivatives of closed forms agree with differences") {
  const Dropout noise{0.3, 5};
  for (const bool intercept : {true, false}) {
    const Vector at = random_vector(p + (intercept ? 1 : 0), 2);
    check_derivatives(ClosedForm<Squared>(model<Squared>(0.1, intercept), noise), at);
    check_derivatives(ClosedForm<Logistic>(model<Logistic>(0.1, intercept), noise), at);
  }
}

TEST_CASE("the closed form of the squared loss is the sum over all masks of each row") {
  const Dropout noise{0.3, 0};
  const Vector at = random_vector(p + 1, 4);
  RowMatrix masks(16, p);
  Vector probability(16);
  enumerate_masks(noise.keep(), 0, masks, probability);
  CHECK(probability.sum() == doctest::Approx(1).epsilon(1e-15));
  double want = 0.5 * 0.1 * at.head(p).squaredNorm();
  for (Index i = 0; i < n; ++i)
    for (Index k = 0; k < 16; ++k) {
      const double eta = masks.row(k).cwiseProduct(x.row(i)).dot(at.head(p)) / noise.keep() + at[p];
      want += probability[k] * 0.5 * std::pow(eta - labels[i], 2) / n;
    }
  Vector g(p + 1);
  const double got = ClosedForm<Squared>(model<Squared>(), noise).value_and_gradient(at, g);
  CHECK(got == doctest::Approx(want).epsilon(1e-13));
}

TEST_CASE("a weighted sum keeps what plain addition loses") {
  WeightedSum sum(2);
  const Vector ones = Vector::Ones(4);
  RowMatrix f(4, 2);
  f << 1, 1e100, 1e100, 1, 1, -1e100, -1e100, 1;
  sum.add(ones, f);
  CHECK(sum.value()[0] == 2);
  CHECK(sum.value()[1] == 2);
}

TEST_CASE("running moments are those of two passes") {
  const RowMatrix f = random_matrix(1000, 3, 6).array() + 1e6;
  RunningMoments moments(3);
  CHECK(std::isnan(moments.standard_error()[0]));
  moments.add(f.topRows(300));
  moments.add(f.bottomRows(700));
  const Vector mean = f.colwise().mean();
  const Vector variance = (f.rowwise() - mean.transpose()).colwise().squaredNorm() / 999.0;
  CHECK(moments.count() == 1000);
  CHECK(relative_error(moments.mean(), mean) < 1e-14);
  CHECK(relative_error(moments.standard_error(), (variance / 1000).cwiseSqrt()) < 1e-9);
}

TEST_CASE("moments of pairs: the variance of samples, the standard error of pair means") {
  RowMatrix f = random_matrix(60, 600, 7), pairs(30, 600);
  for (Index i = 0; i < 60; i += 2) {
    f.row(i + 1) = 0.3 * f.row(i + 1) - 0.8 * f.row(i);
    pairs.row(i / 2) = 0.5 * (f.row(i) + f.row(i + 1));
  }
  RunningMoments moments(600, 2);
  moments.add(f.topRows(20));
  moments.add(f.bottomRows(40));
  const auto squares = [](const RowMatrix& a) -> Vector {
    return (a.rowwise() - a.colwise().mean()).colwise().squaredNorm();
  };
  CHECK(relative_error(moments.mean(), f.colwise().mean().transpose()) < 1e-14);
  CHECK(relative_error(moments.variance(), squares(f) / 59) < 1e-12);
  CHECK(relative_error(moments.standard_error(), (squares(pairs) / (30 * 29)).cwiseSqrt()) < 1e-12);
  CHECK_THROWS_AS(moments.add(f.topRows(3)), ArgumentError);
  CHECK_THROWS_AS(moments.add(f.leftCols(2)), ArgumentError);
}

TEST_CASE("entropies are those of their definitions, and the same for any team") {
  const Index samples = 12, rows = 2100, classes = 3;
  RowMatrix p = random_matrix(samples, rows * classes, 8).array().exp();
  p.col(4).setZero();  // a class that never is
  for (Index k = 0; k < samples; ++k)
    for (Index i = 0; i < rows; ++i)
      p.row(k).segment(i * classes, classes) /= p.row(k).segment(i * classes, classes).sum();
  const auto run = [&] {
    EntropyMoments moments(rows, classes, 2);
    moments.add(p.topRows(4));
    moments.add(p.bottomRows(8));
    RowMatrix both(2 * rows, 3);
    both << moments.value(), moments.standard_error();
    return both;
  };
  const RowMatrix got = run();
  const auto entropy = [](double q) { return q > 0 ? -q * std::log(q) : 0.0; };
  for (const Index i : {0, 1, 2099}) {
    double mean = 0, predictive = 0;
    for (Index c = i * classes; c < (i + 1) * classes; ++c) {
      predictive += entropy(p.col(c).mean());
      for (Index k = 0; k < samples; ++k) mean += entropy(p(k, c)) / samples;
    }
    CHECK(got(i, 0) == doctest::Approx(predictive).epsilon(1e-13));
    CHECK(got(i, 1) == doctest::Approx(mean).epsilon(1e-13));
    CHECK(got(i, 2) == doctest::Approx(predictive - mean).epsilon(1e-12));
  }
  CHECK(got.allFinite());
  check_same_bits_for_any_team(run);
}

TEST_CASE("noisy copies have the noise of their sample, in any batch and by any team") {
  const RowMatrix whole = random_matrix(2000, 7, 9);  // several blocks
  for (const Noise& noise :
       {Noise(Dropout{0.3, 5}), Noise(GaussianDropout{0.3, 5}), Noise(GaussianNoise{2.0, 5})})
    for (const bool antithetic : {false, true}) {
      const auto run = [&] {
        RowMatrix out(4 * 2000, 7);
        noisy_copies(noise, {2, 4, antithetic, false}, view_of(whole), 0, out.data());
        return out;
      };
      const RowMatrix all = run();
      check_same_bits_for_any_team(run);
      RowMatrix part(600, 7);
      const RowMatrix middle = whole.middleRows(700, 600);
      noisy_copies(noise, {4, 1, antithetic, false}, view_of(middle), 700, part.data());
      CHECK(part == all.middleRows(2 * 2000 + 700, 600));
      RowMatrix shared(2000, 7), first(1, 7);
      noisy_copies(noise, {4, 1, antithetic, true}, view_of(whole), 0, shared.data());
      noisy_copies(noise, {4, 1, antithetic, true}, view_of(RowMatrix(whole.row(1999))), 0,
                   first.data());
      CHECK(shared.row(1999) == first.row(0));
      CHECK(shared.row(0) == all.row(2 * 2000));
      if (antithetic && !std::holds_alternative<Dropout>(noise))
        CHECK(relative_error(all.topRows(2000) + all.middleRows(2000, 2000), 2 * whole) < 1e-15);
    }
  RowMatrix dropped(1, 2), x(1, 2);
  x << std::nan(""), 1;
  noisy_copies(Dropout{0.999, 1}, {0, 1, false, false}, view_of(x), 0, dropped.data());
  CHECK(dropped(0, 0) == 0);
  CHECK_THROWS_AS(
      noisy_copies(DropConnect{0.5}, {0, 1, false, false}, view_of(x), 0, dropped.data()),
      ArgumentError);
}
