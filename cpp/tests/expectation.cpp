#include "hessopt/core/error.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/integrals.hpp"
#include "hessopt/expectation/marginals.hpp"
#include "hessopt/expectation/noisy_copies.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "hessopt/expectation/tails.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

constexpr Index n = 400, p = 4;
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % 2); });

template <Loss L>
LinearModel model(double l2 = 0.1, bool intercept = true) {
  return LinearModel(L{}, make_data(DenseRows(view_of(x)), labels,
                                    {.l2 = Vector::Constant(1, l2), .intercept = intercept}));
}

template <class M>
MarginalAt at(const M& marginal, double mu, double s2, double y) {
  return marginal.at(Chunk::Constant(mu), Chunk::Constant(s2), Chunk::Constant(y));
}

// The derivatives of F against differences of F and of each other.
template <class M>
void check_marginal(const M& marginal, double tolerance = 2e-9) {
  const double h = 1e-5;
  for (const double y : {0.0, 1.0})
    for (const double mu : {-3.0, 0.2, 4.0})
      for (const double s2 : {0.3, 2.0, 9.0}) {
        const MarginalAt f = at(marginal, mu, s2, y);
        const MarginalAt left = at(marginal, mu - h, s2, y), right = at(marginal, mu + h, s2, y);
        const MarginalAt down = at(marginal, mu, s2 - h, y), up = at(marginal, mu, s2 + h, y);
        const auto near = [&](double got, const Chunk& a, const Chunk& b) {
          const double slope = (b[5] - a[5]) / (2 * h);
          CHECK(std::abs(got - slope) < tolerance * std::max(1.0, std::abs(f.value[5])));
        };
        near(f.mean[5], left.value, right.value);
        near(f.variance[5], down.value, up.value);
        near(f.mean_mean[5], left.mean, right.mean);
        near(f.mean_variance[5], down.mean, up.mean);
        near(f.variance_variance[5], down.variance, up.variance);
      }
}

// E l(mu + s e) by the midpoint rule, which is exact to rounding for what is smooth.
template <Loss L>
double integral(const L& loss, double mu, double s, double y) {
  double sum = 0;
  const double h = 1e-3;
  for (double e = -10; e <= 10; e += h)
    sum += h * loss.at(Chunk::Constant(mu + s * e), Chunk::Constant(y)).value[0] *
           std::exp(-0.5 * e * e) / std::sqrt(2 * M_PI);
  return sum;
}

template <Integral which, Loss L>
void check_closed_form(const L& loss, const Noise& noise, bool intercept) {
  const LinearModel f(loss, make_data(DenseRows(view_of(x)), labels + 0.0,
                                      {.sample_weight = labels + 0.5,
                                       .l2 = Vector::Constant(1, 0.1),
                                       .intercept = intercept}));
  const Vector at = 0.5 * random_vector(p + (intercept ? 1 : 0), 2);
  std::visit([&](const auto& form) { check_derivatives(form, at); },
             closed_form(f, noise, which).value());
}

}  // namespace

TEST_CASE("the normal law is that of the standard library, in its tail too") {
  for (double u = -37; u <= 37; u += 0.0371) {
    const NormalLaw law = standard_normal(Chunk::Constant(u));
    const double below = 0.5 * std::erfc(-u / std::sqrt(2.0));
    CHECK(law.below[2] == doctest::Approx(below).epsilon(u < 0 ? 3e-14 : 3e-16));
    CHECK(law.density[2] ==
          doctest::Approx(std::exp(-0.5 * u * u) / std::sqrt(2 * M_PI)).epsilon(3e-14));
    if (std::abs(u) < 2) CHECK(law.below[2] == doctest::Approx(below).epsilon(1e-15));
  }
  const auto at = [](double u) { return standard_normal(Chunk::Constant(u)); };
  CHECK(at(HUGE_VAL).below[0] == 1);
  CHECK(at(-HUGE_VAL).below[0] == 0);
  CHECK(at(1e200).density[0] == 0);
  CHECK(std::isnan(at(std::nan("")).below[0]));
  CHECK(std::isnan(at(std::nan("")).density[0]));
}

TEST_CASE("marginals are integrals, and their derivatives those of their value") {
  for (const double s : {0.01, 0.5, 2.0})
    for (const double mu : {-3.0, 0.0, 0.4, 2.0}) {
      const auto near = [&]<Loss L>(const L& loss, double tolerance) {
        CHECK(std::abs(at(NormalMarginal<L>{loss}, mu, s * s, 1).value[0] -
                       integral(loss, mu, s, 1)) < tolerance);
      };
      near(Squared{}, 1e-12);
      near(Logistic{}, 1e-8);
      near(Huber{0.7}, 1e-7);
      near(Poisson{}, 1e-10);
      near(Gamma{}, 1e-10);
      near(Exponential{}, 1e-10);
    }
  check_marginal(NormalMarginal<Squared>{});
  check_marginal(NormalMarginal<Huber>{Huber(0.7)});
  check_marginal(NormalMarginal<Logistic>{});
  check_marginal(NormalMarginal<Poisson>{});
  check_marginal(NormalMarginal<Gamma>{});
  check_marginal(NormalMarginal<Exponential>{});
  check_marginal(TaylorMarginal<Squared>{});
  check_marginal(TaylorMarginal<Logistic>{});
  check_marginal(TaylorMarginal<Poisson>{});
  static_assert(!HasTaylorMarginal<Huber>);
}

TEST_CASE("derivatives of closed forms agree with differences") {
  const Dropout noise{0.3, 5};
  for (const bool intercept : {true, false}) {
    const Vector at = random_vector(p + (intercept ? 1 : 0), 2);
    check_closed_form<Integral::exact>(Squared{}, noise, intercept);
    check_closed_form<Integral::exact>(Exponential{}, noise, intercept);
    check_closed_form<Integral::exact>(Poisson{}, DropConnect{0.3}, intercept);
    check_closed_form<Integral::exact>(Poisson{}, GaussianDropout{0.3}, intercept);
    check_closed_form<Integral::normal>(Logistic{}, noise, intercept);
    check_closed_form<Integral::normal>(Huber{0.7}, GaussianNoise{0.3}, intercept);
    check_closed_form<Integral::taylor>(Logistic{}, noise, intercept);
  }
}

TEST_CASE("where there is no closed form there is none") {
  const auto there = [](auto loss, const Noise& noise, Integral which) {
    const LinearModel f(loss, make_data(DenseRows(view_of(x)), labels + 0.0));
    return closed_form(f, noise, which).has_value();
  };
  CHECK(!there(Logistic{}, Dropout{0.3}, Integral::exact));
  CHECK(!there(Logistic{}, GaussianNoise{0.3}, Integral::exact));
  CHECK(!there(Huber{}, DropConnect{0.3}, Integral::exact));
  CHECK(there(Huber{}, GaussianDropout{0.3}, Integral::exact));
  CHECK(!there(Huber{}, Dropout{0.3}, Integral::taylor));
}

TEST_CASE("closed forms have the same bits for any team") {
  const RowMatrix many = random_matrix(9000, 11, 7);
  const Array both = Array::NullaryExpr(9000, [](Index i) { return double(i % 2); });
  const Vector at = 0.3 * random_vector(12, 8);
  const auto bits = [&](auto loss, Integral which) {
    const LinearModel f(loss, make_data(DenseRows(view_of(many)), both));
    check_same_bits_for_any_team([&] {
      return std::visit(
          [&](const auto& form) { return form.evaluate(at, {.hessian = true}).hessian; },
          closed_form(f, Dropout{0.4}, which).value());
    });
  };
  bits(Logistic{}, Integral::normal);
  bits(Poisson{}, Integral::exact);
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
  const double got =
      std::get<ClosedForm>(closed_form(model<Squared>(), noise, Integral::exact).value())
          .value_and_gradient(at, g);
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

TEST_CASE("tails tell heavy laws from light ones, and are the same however samples are split") {
  // Quantiles of u^-0.8, of shape 0.8, of its negative, and of a uniform law, in mixed order; and
  // what has no place in an order.
  const Index size = 5000;
  RowMatrix f(size, 4);
  for (Index i = 0; i < size; ++i) {
    const double u = (static_cast<double>((i * 1009) % size) + 0.5) / size;
    f.row(i) << std::pow(u, -0.8), -std::pow(u, -0.8), u, i % 7 ? u : std::nan("");
  }
  Tails tails(4), parts(4), pairs(4, 2);
  tails.add(f);
  pairs.add(f);
  for (Index begin = 0; begin < size; begin += 250) parts.add(f.middleRows(begin, 250));
  const Vector shape = tails.shape();
  CHECK(std::abs(shape[0] - 0.8) < 0.1);
  CHECK(shape[0] == shape[1]);
  CHECK(shape[2] < -0.5);
  CHECK(parts.shape() == shape);
  CHECK(pairs.shape()[0] > 0.5);
  CHECK(tails.tilt()[2] < 1e-12);
  const Array y = f.col(0).array() - f.col(0).mean();
  CHECK(tails.tilt()[0] == doctest::Approx(y.cube().sum() / y.square().sum() / size));
  Tails none(2);
  CHECK(none.shape()[1] < 0);
  none.add(RowMatrix::Constant(9, 2, std::numeric_limits<double>::infinity()));
  CHECK(none.shape()[0] < 0);
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
