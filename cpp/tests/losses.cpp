#include <cmath>

#include "hessopt/losses/loss.hpp"
#include "witness.hpp"

using namespace hessopt;

namespace {

template <Loss L>
Pointwise at(double eta, double y) {
  Pointwise out;
  L::evaluate(Array::Constant(1, eta), Array::Constant(1, y), out);
  return out;
}

}  // namespace

#define HESSOPT_LIST(L) L,
struct End;  // closes the list of the table
using AllLosses = std::tuple<HESSOPT_FOR_EACH_LOSS(HESSOPT_LIST) End>;

template <class L>
void check_loss() {
  static_assert(Loss<L>);
  CHECK(!L::accepts(std::nan("")));
  for (const double y : {0.0, 1.0}) {
    CHECK(L::accepts(y));
    for (const double eta : {-30.0, -3.0, -0.1, 0.0, 0.7, 5.0, 30.0}) {
      const double step = 1e-4;
      const Pointwise here = at<L>(eta, y), left = at<L>(eta - step, y),
                      right = at<L>(eta + step, y);
      const double slope = (right.value[0] - left.value[0]) / (2 * step);
      const double bend = (right.first[0] - left.first[0]) / (2 * step);
      CHECK(here.first[0] == doctest::Approx(slope).epsilon(1e-6).scale(1));
      CHECK(here.second[0] == doctest::Approx(bend).epsilon(1e-6).scale(1));
      CHECK(here.second[0] >= 0);
    }
    for (const double eta : {-700.0, 700.0, -1e5, 1e5}) {
      const Pointwise far = at<L>(eta, y);
      CHECK(std::isfinite(far.value[0]));
      CHECK(std::isfinite(far.first[0]));
      CHECK(std::isfinite(far.second[0]));
    }
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
      const Pointwise l = at<Logistic>(eta, y);
      CHECK(l.value[0] == doctest::Approx(u > 0 ? u : std::exp(u)).epsilon(1e-14));
      CHECK(std::abs(l.first[0]) == doctest::Approx(u > 0 ? 1 : std::exp(u)).epsilon(1e-14));
      CHECK(l.second[0] == doctest::Approx(std::exp(-std::abs(u))).epsilon(1e-13));
    }
  CHECK(!Logistic::accepts(0.5));
  CHECK(!Logistic::accepts(-1));
}
