#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/objectives/ordinal_model.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Objective<OrdinalModel>);

TEST_CASE("derivatives of ordered classes agree with differences") {
  constexpr Index n = 500, p = 3;
  const RowMatrix x = random_matrix(n, p, 1);
  const Array y = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 5) % 4); });
  Vector at(p + 3);
  at << random_vector(p, 2), -1.0, 0.2, 0.9;
  for (const OrdinalLink link : {OrdinalLink::logit, OrdinalLink::probit}) {
    const OrdinalModel f(make_data(DenseRows(view_of(x)), y,
                                   {.sample_weight = Array(random_vector(n, 3).cwiseAbs().array()),
                                    .l2 = Vector::Constant(1, 0.2),
                                    .intercept = false}),
                         4, link);
    check_derivatives(f, at);
    check_same_bits_for_any_team([&] { return f.evaluate(at, {.hessian = true}).hessian; });
  }
  CHECK_THROWS_AS(
      OrdinalModel(make_data(DenseRows(view_of(x)), Array::Zero(n), {.intercept = false}), 2,
                   OrdinalLink::logit),
      ArgumentError);
}

TEST_CASE("a class says the same from both sides") {
  for (const double a : {-3.0, 0.4, 8.0})
    for (const double d : {1e-6, 0.5, 40.0})
      for (const OrdinalLink link : {OrdinalLink::logit, OrdinalLink::probit}) {
        const BetweenAt one = between(link, a, a + d, d), other = between(link, -a - d, -a, d);
        CHECK(one.value == doctest::Approx(other.value).epsilon(1e-13));
        CHECK(one.slope == doctest::Approx(-other.slope).epsilon(1e-9));
        CHECK(one.with_below == doctest::Approx(other.with_above).epsilon(1e-9));
        CHECK(one.in_below == doctest::Approx(-other.in_above).epsilon(1e-9));
      }
}
