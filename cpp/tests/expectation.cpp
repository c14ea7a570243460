#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/expectation/integrals.hpp"
#include "hessopt/expectation/statistics.hpp"
#include "hessopt/objectives/softmax_model.hpp"
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
  const LinearModel<> f(loss, make_data(DenseRows(view_of(x)), labels + 0.0,
                                        {.sample_weight = labels + 0.5,
                                         .l2 = Vector::Constant(1, 0.1),
                                         .intercept = intercept}));
  const Vector at = 0.5 * random_vector(p + (intercept ? 1 : 0), 2);
  std::visit([&](const auto& form) { check_derivatives(form, at); },
             closed_form(f, noise, which).value());
}

}  // namespace

TEST_CASE_TEMPLATE("products with rows and with their squares, whatever their width", T, float,
                   double) {
  for (Index cols = 1; cols <= 19; ++cols)
    for (const Index rows : {1, 3, 4, 11}) {
      const RowMatrixOf<T> m = random_matrix(rows, cols, 3).cast<T>();
      const Matrix wide = m.template cast<double>(), squares = wide.cwiseAbs2();
      const Vector w = random_vector(cols, 4), z = random_vector(cols, 5);
      Vector r = random_vector(rows, 6), t = random_vector(rows, 7);
      Vector g = w, h = z;
      add_transposed_rows_and_squares(block_of(m), r.data(), t.data(), g.data(), h.data());
      CHECK(relative_error(g, w + wide.transpose() * r) < 1e-14);
      CHECK(relative_error(h, z + squares.transpose() * t) < 1e-14);
      multiply_rows_and_squares(block_of(m), w.data(), z.data(), r.data(), t.data());
      CHECK(relative_error(r, wide * w) < 1e-14);
      CHECK(relative_error(t, squares * z) < 1e-14);
    }
}

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

TEST_CASE("derivatives of closed forms and fixed samples agree with differences") {
  const Dropout noise{0.3, 5};
  for (const bool intercept : {true, false}) {
    const Vector at = random_vector(p + (intercept ? 1 : 0), 2);
    check_derivatives(fixed_samples(model<Logistic>(0.1, intercept), noise, 3), at);
    check_closed_form<Integral::exact>(Squared{}, noise, intercept);
    check_closed_form<Integral::exact>(Exponential{}, noise, intercept);
    check_closed_form<Integral::exact>(Poisson{}, DropConnect{0.3}, intercept);
    check_closed_form<Integral::exact>(Poisson{}, GaussianDropout{0.3}, intercept);
    check_closed_form<Integral::normal>(Logistic{}, noise, intercept);
    check_closed_form<Integral::normal>(Huber{0.7}, GaussianNoise{0.3}, intercept);
    check_closed_form<Integral::taylor>(Logistic{}, noise, intercept);
  }
  const SoftmaxModel<> soft(
      make_data(DenseRows(view_of(x)), labels, {.l2 = Vector::Constant(1, 0.1)}), 2);
  check_derivatives(fixed_samples(soft, noise, 3), random_vector(2 * (p + 1), 3));
}

TEST_CASE("where there is no closed form there is none") {
  const auto there = [](auto loss, const Noise& noise, Integral which) {
    const LinearModel<> f(loss, make_data(DenseRows(view_of(x)), labels + 0.0));
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
    const LinearModel<> f(loss, make_data(DenseRows(view_of(many)), both));
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
      std::get<ClosedForm<>>(closed_form(model<Squared>(), noise, Integral::exact).value())
          .value_and_gradient(at, g);
  CHECK(got == doctest::Approx(want).epsilon(1e-13));
}

TEST_CASE("fixed samples are the mean over copies of the data that were masked before") {
  const Dropout noise{0.4, 9};
  const Vector at = random_vector(p + 1, 5);
  double want = 0;
  for (std::uint32_t k = 0; k < 3; ++k) {
    RowMatrix dropped(n, p);
    dropout(noise, k, n * p, x.data(), dropped.data());
    Vector g(p + 1);
    want += LinearModel<>(Logistic{}, make_data(DenseRows(view_of(dropped)), labels,
                                                {.l2 = Vector::Constant(1, 0.1)}))
                .value_and_gradient(at, g) /
            3;
  }
  Vector g(p + 1);
  const double got = fixed_samples(model<Logistic>(), noise, 3).value_and_gradient(at, g);
  CHECK(got == doctest::Approx(want).epsilon(1e-14));
  CHECK_THROWS_AS(fixed_samples(model<Logistic>(), noise, 0), ArgumentError);
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
