#include <cmath>
#include <tuple>

#include "hessopt/core/error.hpp"
#include "hessopt/losses/any_loss.hpp"
#include "hessopt/losses/table.hpp"
#include "witness.hpp"

using namespace hessopt;

namespace {

struct Derivatives {
  double value, first, second;
};

template <Loss L>
Derivatives at(double eta, double y) {
  const Pointwise l = L{}.at(Chunk::Constant(eta), Chunk::Constant(y));
  return {l.value[5], l.first[5], l.second[5]};
}

struct TwoNumbers {
  static constexpr const char *name = "TwoNumbers", *target = "any";
  static constexpr kernels::LossParameter parameters[] = {
      {"a", "any", [](double) { return true; }}, {"b", "any", [](double) { return true; }}};
  static bool accepts(double) { return true; }
  static bool convex() { return false; }
  double a = 1, b = 2;
};

}  // namespace

#define HESSOPT_LIST(L) L,
struct End;  // closes the list of the table
using AllLosses = std::tuple<HESSOPT_FOR_EACH_LOSS(HESSOPT_LIST) End>;

template <class L>
void check_loss() {
  static_assert(Loss<L>);
  CHECK(!L{}.accepts(std::nan("")));
  CHECK(L{}.accepts(1));
  constexpr bool positive = requires { L::positive_predictor; };
  for (const double y : {0.0, 0.4, 1.0, 2.5}) {
    if (!L{}.accepts(y)) continue;
    for (const double eta : {-30.0, -3.0, -0.1, 0.3, 0.7, 5.0, 30.0}) {
      if (positive && eta < 0) {
        CHECK(at<L>(eta, y).value == HUGE_VAL);
        continue;
      }
      const double step = 1e-5;
      const Derivatives here = at<L>(eta, y), left = at<L>(eta - step, y),
                        right = at<L>(eta + step, y);
      const double scale = std::max(1.0, std::abs(here.value));
      CHECK(std::abs(here.first - (right.value - left.value) / (2 * step)) < 1e-7 * scale);
      CHECK(std::abs(here.second - (right.first - left.first) / (2 * step)) < 1e-7 * scale);
      if (is_convex(L{})) CHECK(here.second >= 0);
      const double falls = AnyLoss(L{}).falls(y);
      if (falls != 0)
        CHECK(here.first * falls < 0);
      else if (y > 0)
        CHECK(at<L>(positive ? 1e-3 : -60, y).first * at<L>(60, y).first < 0);
      if constexpr (FourTimesDifferentiable<L>) {
        const auto higher = [&](double e) {
          const Chunk target = Chunk::Constant(y);
          return L{}.third_and_fourth(L{}.at(Chunk::Constant(e), target), target);
        };
        const double third = higher(eta).third[3];
        CHECK(std::abs(third - (right.second - left.second) / (2 * step)) < 1e-9);
        const double slope =
            (higher(eta + step).third[3] - higher(eta - step).third[3]) / (2 * step);
        CHECK(std::abs(higher(eta).fourth[3] - slope) < 1e-9);
      }
      if constexpr (ExponentialLoss<L>) {
        const auto [a, s, b] = L{}.terms(Chunk::Constant(y));
        CHECK(here.value == doctest::Approx(a[0] * std::exp(s[0] * eta) + b[0] * eta));
        CHECK(std::abs(s[0]) == 1);
      }
    }
    for (const double eta : {-700.0, 700.0}) {
      if (positive && eta < 0) continue;
      const Derivatives far = at<L>(eta, y);
      CHECK(std::isfinite(far.value));
      CHECK(std::isfinite(far.first));
      CHECK(std::isfinite(far.second));
    }
    CHECK(std::isnan(at<L>(std::nan(""), y).value));
    CHECK(std::isnan(at<L>(std::nan(""), y).first));
  }
}

TEST_CASE("every loss of the table has the derivatives of its value") {
  []<class... L>(std::type_identity<std::tuple<L...>>) {
    (
        [] {
          if constexpr (!std::is_same_v<L, End>) check_loss<L>();
        }(),
        ...);
  }(std::type_identity<AllLosses>{});
}

TEST_CASE("the logistic loss keeps its digits in both tails") {
  for (const double y : {0.0, 1.0})
    for (const double eta : {40.0, -40.0, 300.0, -300.0}) {
      const double u = y == 0 ? eta : -eta;  // l = log(1 + e^u)
      const Derivatives l = at<Logistic>(eta, y);
      CHECK(l.value == doctest::Approx(u > 0 ? u : std::exp(u)).epsilon(1e-14));
      CHECK(std::abs(l.first) == doctest::Approx(u > 0 ? 1 : std::exp(u)).epsilon(1e-14));
      CHECK(l.second == doctest::Approx(std::exp(-std::abs(u))).epsilon(1e-13));
    }
  CHECK(Logistic::accepts(0.5));
  CHECK(!Logistic::accepts(1.5));
  CHECK(!Logistic::accepts(-1));
}

TEST_CASE("parameters of a loss are checked, and no loss has those of another") {
  CHECK(AnyLoss(Huber{0.5}).parameters()[0] == 0.5);
  for (const double delta : {0.0, -1.0, HUGE_VAL, std::nan("")})
    CHECK_THROWS_AS(AnyLoss(Huber{delta}), ArgumentError);
  CHECK_THROWS_AS(AnyLoss("Huber"), ArgumentError);
  CHECK_THROWS_AS(AnyLoss("Nobody"), ArgumentError);
  const auto two = loss_with<TwoNumbers>(parameters_of(TwoNumbers{3, 4}).data());
  CHECK(two.a == 3);
  CHECK(two.b == 4);
  CHECK(default_parameters<TwoNumbers> == std::array{1.0, 2.0});
  CHECK(kernel_of_loss("Huber").defaults[0] == Huber{}.delta);
  CHECK(!is_convex(TwoNumbers{}));
  CHECK(AnyLoss(Huber{}).convex());
  CHECK(names_of_losses().size() == std::tuple_size_v<AllLosses> - 1);
}

TEST_CASE("the exponential is that of the standard library, and overflows to infinity") {
  for (double x = -700; x < 709; x += 0.37) {
    const Chunk chunk = Chunk::Constant(x);
    CHECK(detail::exponential(chunk)[3] == doctest::Approx(std::exp(x)).epsilon(1e-15));
    if (x <= 0)
      CHECK(detail::exponential_of_negative(chunk)[3] ==
            doctest::Approx(std::exp(x)).epsilon(1e-15));
  }
  const auto at = [](double x) { return detail::exponential(Chunk::Constant(x))[0]; };
  CHECK(at(710) == HUGE_VAL);
  CHECK(at(HUGE_VAL) == HUGE_VAL);
  CHECK(at(-HUGE_VAL) < 1e-300);
  CHECK(std::isnan(at(std::nan(""))));
}

TEST_CASE("log(1 + t) keeps the digits of a small t") {
  for (const double t : {0.0, 1e-300, 1e-17, 1e-8, 0.1, 0.5, 1.0})
    CHECK(detail::log_one_plus(Chunk::Constant(t))[9] ==
          doctest::Approx(std::log1p(t)).epsilon(1e-15));
}

TEST_CASE("the logarithm is that of the standard library") {
  for (double x = 2.3e-308; x < 1e308; x *= 1.37)
    CHECK(detail::logarithm(Chunk::Constant(x))[7] == doctest::Approx(std::log(x)).epsilon(1e-15));
  for (double x = 0.9; x < 1.1; x += 1e-3)
    CHECK(std::abs(detail::logarithm(Chunk::Constant(x))[7] - std::log(x)) < 3e-16);
}

TEST_CASE("a slice of rows is summed with its weights, its tail too") {
  for (const Index n : {1, 15, 16, 17, 50}) {
    const Array eta = tests::random_vector(n, 1).array(), y = tests::random_vector(n, 2).array(),
                w = tests::random_vector(n, 3).cwiseAbs().array();
    Array first(n + chunk_rows), second(n + chunk_rows);
    const auto [value, residual] = AnyLoss(Squared{}).add_up(
        n, eta.data(), y.data(), {w.data(), 0.5}, first.data(), second.data());
    const double squares = (0.5 * w * (eta - y).square()).sum();
    CHECK(value == doctest::Approx(0.5 * squares).epsilon(1e-14));
    CHECK(residual.root() == doctest::Approx(std::sqrt(squares)).epsilon(1e-14));
    CHECK(first.head(n).isApprox(0.5 * w * (eta - y)));
    CHECK(second.head(n).isApprox(0.5 * w));
  }
}

TEST_CASE("a row that weighs nothing adds nothing, whatever its loss") {
  for (const Index n : {2, 16, 17}) {
    Array eta = Array::Zero(n), w = Array::Ones(n);
    eta[0] = eta[n - 1] = HUGE_VAL;
    w[0] = w[n - 1] = 0;
    const Array y = Array::Zero(n);
    Array first(n + chunk_rows), second(n + chunk_rows);
    const auto [value, residual] = AnyLoss(Poisson{}).add_up(n, eta.data(), y.data(), {w.data(), 1},
                                                             first.data(), second.data());
    CHECK(value == doctest::Approx(static_cast<double>(n - 2)));
    CHECK(residual.root() == doctest::Approx(std::sqrt(static_cast<double>(n - 2))));
    CHECK((first.head(n) == w).all());
    CHECK((second.head(n) == w).all());
  }
}
