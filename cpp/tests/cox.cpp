#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/objectives/cox_model.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Objective<CoxModel>);

namespace {

constexpr Index n = 400, p = 4;
const RowMatrix x = random_matrix(n, p, 1);

// With ties and, where asked for, entries and strata.
Survival times(bool late, bool strata, bool weighted) {
  Survival out;
  out.time = Array::NullaryExpr(n, [](Index i) { return double((i * 7919) % 97); });
  if (late) out.entry = out.time - Array::NullaryExpr(n, [](Index i) { return 1.0 + i % 13; });
  if (weighted) out.weight = Array::NullaryExpr(n, [](Index i) { return double(i % 3); });
  for (Index i = 0; i < n; ++i) {
    out.event.push_back(i % 4 != 0);
    if (strata) out.stratum.push_back(i % 5);
  }
  return out;
}

CoxModel model(const Survival& rows, Ties ties, const RowMatrix& data = x) {
  return {
      make_data(DenseRows(view_of(data)), rows.time,
                {.sample_weight = rows.weight, .l2 = Vector::Constant(1, 0.1), .intercept = false}),
      rows, ties};
}

}  // namespace

TEST_CASE("derivatives of Cox's model agree with differences") {
  for (const bool late : {false, true})
    for (const bool strata : {false, true})
      for (const Ties ties : {Ties::breslow, Ties::efron})
        check_derivatives(model(times(late, strata, late != strata), ties), random_vector(p, 3));
}

TEST_CASE("a tree of risk sets has the sums of a chain") {
  Survival chain = times(false, false, false), tree = chain;
  tree.entry = Array::Constant(n, -1);
  tree.entry[0] = 0;  // a row that enters late and has a share of e^-1000, which is 0
  RowMatrix light = x;
  light.row(0).setConstant(-1e3);
  Vector at = Vector::Zero(p), one(p), other(p);
  at[0] = 1;
  const CoxModel f = model(chain, Ties::efron, light), g = model(tree, Ties::efron, light);
  CHECK(!f.risk_sets().nodes()[0].has_children_apart);
  CHECK(g.risk_sets().nodes()[0].has_children_apart);
  CHECK(g.value_and_gradient(at, other) ==
        doctest::Approx(f.value_and_gradient(at, one)).epsilon(1e-13));
  CHECK(relative_error(other, one) < 1e-12);
  const auto hessian = [&](const CoxModel& of) {
    return of.evaluate(at, {.hessian = true}).hessian;
  };
  CHECK(relative_error(hessian(g), hessian(f)) < 1e-12);
}

TEST_CASE("Cox's model has the same bits for any team, and a sample of its rows is a model") {
  const CoxModel f = model(times(true, true, true), Ties::efron);
  const Vector at = random_vector(p, 5);
  check_same_bits_for_any_team([&] { return f.evaluate(at, {.hessian = true}).hessian; });
  check_same_bits_for_any_team([&] { return f.evaluate(at, {.gradient = true}).gradient; });
  CHECK(f.every(3).n_parameters() == p);
  check_derivatives(f.every(3), at);
}

TEST_CASE("events in the order of a column have no minimum") {
  Survival rows = times(false, false, false);
  rows.time = (-x.col(2)).array().exp();
  CoxModel f{make_data(DenseRows(view_of(x)), rows.time, {.intercept = false}), rows, Ties::efron};
  Vector at = Vector::Zero(p);
  CHECK(!recession(f, at));  // no event is near its infimum yet
  at[2] = 100;
  const auto found = recession(f, at);
  REQUIRE(found);
  CHECK(found->direction[2] > 0);
}
