#include "hessopt/random/distributions.hpp"

#include <cmath>
#include <limits>

#include "witness.hpp"

using namespace hessopt;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double relative(double got, double want) { return std::abs(got / want - 1); }

}  // namespace

TEST_CASE("tails of Student's law are those of the laws that have a formula") {
  for (const double t : {1e-9, 0.3, 1.0, 2.0, 7.0, 1e3}) {
    CHECK(relative(student_tail(t, 1), std::atan2(1, t) / M_PI) < 1e-13);
    const double far = t * t, root = std::sqrt(2 + far);
    CHECK(relative(student_tail(t, 2), 1 / (root * (root + t))) < 1e-13);
    CHECK(student_tail(-t, 2) == doctest::Approx(1 - student_tail(t, 2)));
    if (t < 30)
      CHECK(relative(student_tail(t, infinity), 0.5 * std::erfc(t / std::sqrt(2.0))) < 1e-14);
  }
  CHECK(student_tail(infinity, 3) == 0);
  CHECK(std::isnan(student_tail(std::nan(""), 3)));
}

TEST_CASE("quantiles are where the tails are") {
  for (const double k : {0.5, 1.0, 3.0, 80.0, 1e6, infinity})
    for (const double p : {1e-200, 1e-12, 0.005, 0.025, 0.3, 0.4999})
      if (k > 3 || p > 1e-200)  // else t^2 overflows
        CHECK(relative(student_tail(student_quantile(p, k), k), p) < 1e-11);
  CHECK(student_quantile(0.5, 3) == 0);
}

TEST_CASE("tails of chi-square are those of two degrees and of one") {
  for (const double x : {1e-12, 0.1, 1.0, 3.84, 50.0, 700.0}) {
    CHECK(relative(chi_square_tail(x, 2), std::exp(-x / 2)) < 1e-13);
    CHECK(relative(chi_square_tail(x, 1), std::erfc(std::sqrt(x / 2))) < 1e-13);
    CHECK(relative(chi_square_tail(x, 4), std::exp(-x / 2) * (1 + x / 2)) < 1e-13);
  }
  CHECK(chi_square_tail(0, 3) == 1);
  CHECK(chi_square_tail(infinity, 3) == 0);
}

TEST_CASE("log a - psi(a) falls as its recurrence says, and the shape is its inverse") {
  for (const double a : {1e-3, 0.4, 1.0, 15.5, 16.0, 40.0}) {
    const double step = log_less_digamma(a) - log_less_digamma(a + 1);
    CHECK(step == doctest::Approx(1 / a - std::log1p(1 / a)).epsilon(1e-12));
    const Vector one = Vector::Ones(1);
    CHECK(relative(gamma_shape(one, log_less_digamma(a)), a) < 1e-13);
  }
  CHECK(log_less_digamma(1) == doctest::Approx(0.57721566490153286).epsilon(1e-14));
  const Vector weight{{2.0, 0.0, 0.5}};
  const double total = 2 * log_less_digamma(2 * 3.0) + 0.5 * log_less_digamma(0.5 * 3.0);
  CHECK(relative(gamma_shape(weight, total), 3) < 1e-13);
}
