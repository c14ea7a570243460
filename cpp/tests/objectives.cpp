#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Objective<LinearModel<Squared>>);
static_assert(Objective<LinearModel<Logistic>>);
static_assert(Objective<SoftmaxModel<>>);

namespace {

constexpr Index n = 1200, p = 5;  // more than one block of rows
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % 2); });
const Array classes = Array::NullaryExpr(n, [](Index i) { return double(i % 3); });
const Array weights = random_vector(n, 2).cwiseAbs().array();

}  // namespace

TEST_CASE("derivatives of the models agree with differences") {
  for (const bool intercept : {true, false})
    for (const double l2 : {0.0, 0.3})
      for (const Array& weight : {Array(), weights}) {
        const Index m = p + (intercept ? 1 : 0);
        const Vector at = random_vector(m, 3);
        const DenseRows rows(view_of(x));
        const auto data = [&](const Array& y) { return make_data(rows, y, weight, l2, intercept); };
        check_derivatives(LinearModel<Squared>(data(random_vector(n, 4))), at);
        check_derivatives(LinearModel<Logistic>(data(labels)), at);
        check_derivatives(SoftmaxModel<>(data(classes), 3), random_vector(3 * m, 5));
      }
}

TEST_CASE("value and derivatives do not depend on the layout or the width of the data") {
  const RowMatrixOf<float> narrow = x.cast<float>();
  const Matrix columns = narrow.cast<double>();
  const Vector at = random_vector(p + 1, 6);
  const auto model = [&](const DenseRows& rows) {
    return LinearModel<Logistic>(make_data(rows, labels, Array(), 0.1, true));
  };
  const auto narrow_model = model(DenseRows(view_of(narrow)));
  const auto fortran = model(DenseRows(MatrixView<double>{columns.data(), n, p, 1, n}));
  Vector g1(p + 1), g2(p + 1);
  CHECK(narrow_model.value_and_gradient(at, g1) == fortran.value_and_gradient(at, g2));
  CHECK(g1 == g2);
}

TEST_CASE("a weight of two is a row twice, and only ratios of weights matter") {
  RowMatrix twice(2 * n, p);
  twice << x, x;
  Array y(2 * n);
  y << classes, classes;
  const SoftmaxModel<> once(
      make_data(DenseRows(view_of(x)), classes, Array(7 * Array::Ones(n)), 0.2, true), 3);
  const SoftmaxModel<> both(make_data(DenseRows(view_of(twice)), y, Array(), 0.2, true), 3);
  const Vector at = random_vector(3 * (p + 1), 7);
  Vector g1(at.size()), g2(at.size());
  CHECK(once.value_and_gradient(at, g1) ==
        doctest::Approx(both.value_and_gradient(at, g2)).epsilon(1e-13));
  CHECK(relative_error(g1, g2) < 1e-13);
}

TEST_CASE("objectives have the same bits for any team") {
  const RowMatrix many = random_matrix(9000, p, 8);
  const Array y = Array::NullaryExpr(9000, [](Index i) { return double(i % 3); });
  const SoftmaxModel<> model(make_data(DenseRows(view_of(many)), y, Array(), 0.0, true), 3);
  const Vector at = random_vector(3 * (p + 1), 9);
  check_same_bits_for_any_team([&] {
    Vector g(at.size());
    model.value_and_gradient(at, g);
    return g;
  });
  check_same_bits_for_any_team([&] {
    Matrix h(at.size(), at.size());
    model.hessian(at, h);
    return h;
  });
}

TEST_CASE("bad data is refused by name") {
  const DenseRows rows(view_of(x));
  CHECK_THROWS_AS(make_data(rows, Array::Zero(3), Array(), 0, true), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, Array(), -1, true), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, Array(-weights), 0, true), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, Array::Zero(n), 0, true), ArgumentError);
  CHECK_THROWS_AS(LinearModel<Logistic>(make_data(rows, classes, Array(), 0, true)), ArgumentError);
  CHECK_THROWS_AS(SoftmaxModel<>(make_data(rows, classes, Array(), 0, true), 2), ArgumentError);
  CHECK_THROWS_AS(SoftmaxModel<>(make_data(rows, labels, Array(), 0, true), 1), ArgumentError);
}
