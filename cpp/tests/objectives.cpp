#include <Eigen/LU>

#include "hessopt/core/error.hpp"
#include "hessopt/losses/table.hpp"
#include "hessopt/objectives/influence.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/objectives/recession.hpp"
#include "hessopt/objectives/softmax_model.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

static_assert(Objective<LinearModel>);
static_assert(Objective<SoftmaxModel>);

namespace {

constexpr Index n = 1200, p = 5;  // more than one block of rows
const RowMatrix x = random_matrix(n, p, 1);
const Array labels = Array::NullaryExpr(n, [](Index i) { return double((i * i + i / 3) % 2); });
const Array classes = Array::NullaryExpr(n, [](Index i) { return double(i % 3); });
const Array weights = random_vector(n, 2).cwiseAbs().array();

// Targets in the domain of a loss.
template <Loss L>
Array target_of(const Array& positive) {
  return L{}.accepts(2.5) ? positive : labels;
}

// That leads every predictor into its domain.
template <Loss L>
double offset_of() {
  return requires { L::positive_predictor; } ? 50 : 0;
}

}  // namespace

TEST_CASE("derivatives of the models agree with differences") {
  for (const bool intercept : {true, false})
    for (const double l2 : {0.0, 0.3})
      for (const Array& weight : {Array(), weights}) {
        const Index m = p + (intercept ? 1 : 0);
        const Vector at = random_vector(m, 3);
        const DenseRows rows(view_of(x));
        const auto data = [&](const Array& y, double offset, Index outputs = 1) {
          return make_data(rows, y,
                           {.sample_weight = weight,
                            .offset = RowMatrix::Constant(n, outputs, offset),
                            .l2 = Vector::Constant(1, l2),
                            .intercept = intercept});
        };
        const Array positive = random_vector(n, 4).cwiseAbs().array() + 0.1;
#define HESSOPT_CHECK(L) \
  check_derivatives(LinearModel(L{}, data(target_of<L>(positive), offset_of<L>())), at);
        HESSOPT_FOR_EACH_LOSS(HESSOPT_CHECK)
#undef HESSOPT_CHECK
        check_derivatives(SoftmaxModel(data(classes, 0, 3), 3), random_vector(3 * m, 5));
      }
}

TEST_CASE("value and derivatives do not depend on the layout or the width of the data") {
  const RowMatrixOf<float> narrow = x.cast<float>();
  const Matrix columns = narrow.cast<double>();
  const Vector at = random_vector(p + 1, 6);
  const auto model = [&](const DenseRows& rows) {
    return LinearModel(Logistic{}, make_data(rows, labels, {.l2 = Vector::Constant(1, 0.1)}));
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
  const SoftmaxModel once(
      make_data(DenseRows(view_of(x)), classes,
                {.sample_weight = Array(7 * Array::Ones(n)), .l2 = Vector::Constant(1, 0.2)}),
      3);
  const SoftmaxModel both(make_data(DenseRows(view_of(twice)), y, {.l2 = Vector::Constant(1, 0.2)}),
                          3);
  const Vector at = random_vector(3 * (p + 1), 7);
  Vector g1(at.size()), g2(at.size());
  CHECK(once.value_and_gradient(at, g1) ==
        doctest::Approx(both.value_and_gradient(at, g2)).epsilon(1e-13));
  CHECK(relative_error(g1, g2) < 1e-13);
}

TEST_CASE("objectives have the same bits for any team") {
  const RowMatrix many = random_matrix(9000, p, 8);
  const Array y = Array::NullaryExpr(9000, [](Index i) { return double(i % 3); });
  const SoftmaxModel model(make_data(DenseRows(view_of(many)), y), 3);
  const Vector at = random_vector(3 * (p + 1), 9);
  check_same_bits_for_any_team([&] {
    Vector g(at.size());
    model.value_and_gradient(at, g);
    return g;
  });
  check_same_bits_for_any_team(
      [&] { return model.evaluate(at, {.residual = true}).residual_roots(); });
  check_same_bits_for_any_team([&] {
    const ColumnMoments moments = column_moments(model.data(), true);
    Matrix both(p, 2);
    both << moments.mean, moments.scale;
    return both;
  });
  check_same_bits_for_any_team([&] {
    Matrix h(at.size(), at.size());
    model.hessian(at, h);
    return h;
  });
}

TEST_CASE("bad data is refused by name") {
  const DenseRows rows(view_of(x));
  CHECK_THROWS_AS(make_data(rows, Array::Zero(3)), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, {.l2 = Vector::Constant(1, -1)}), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, {.sample_weight = Array(-weights)}), ArgumentError);
  CHECK_THROWS_AS(make_data(rows, labels, {.sample_weight = Array::Zero(n)}), ArgumentError);
  CHECK_THROWS_AS(LinearModel(Logistic{}, make_data(rows, classes)), ArgumentError);
  CHECK_THROWS_AS(SoftmaxModel(make_data(rows, classes), 2), ArgumentError);
  CHECK_THROWS_AS(SoftmaxModel(make_data(rows, labels), 1), ArgumentError);
}

TEST_CASE("an offset is added to the predictor, a penalty may differ by coefficient") {
  const Array shift = random_vector(n, 11).array();
  RowMatrix wide(n, p + 1);
  wide << x, shift.matrix();
  Vector at = random_vector(p + 1, 12), longer(p + 2);
  longer << at.head(p), 1.0, at[p];
  Vector l2 = random_vector(p, 13).cwiseAbs(), no_l2(p + 1);
  no_l2 << l2, 0.0;
  const LinearModel with(
      Logistic{}, make_data(DenseRows(view_of(x)), labels, {.offset = shift.matrix(), .l2 = l2}));
  const LinearModel without(Logistic{}, make_data(DenseRows(view_of(wide)), labels, {.l2 = no_l2}));
  Vector g1(p + 1), g2(p + 2);
  CHECK(with.value_and_gradient(at, g1) ==
        doctest::Approx(without.value_and_gradient(longer, g2)).epsilon(1e-14));
  CHECK(relative_error(g1.head(p), g2.head(p)) < 1e-13);
  check_derivatives(with, at);

  const RowMatrix shifts = random_matrix(n, 3, 14);
  check_derivatives(
      SoftmaxModel(make_data(DenseRows(view_of(x)), classes, {.offset = shifts, .l2 = l2}), 3),
      random_vector(3 * (p + 1), 15));
}

TEST_CASE("one pass gives whatever is asked for, and the same as one by one") {
  const auto check = [](const auto& f) {
    const Index m = f.n_parameters();
    const Vector at = random_vector(m, 16);
    const Matrix v = random_matrix(m, 2, 17);
    const Evaluation all = f.evaluate(at, {.gradient = true, .hessian = true, .along = v});
    Vector g(m), hv(m);
    Matrix h(m, m);
    CHECK(f.value_and_gradient(at, g) == doctest::Approx(all.value).epsilon(1e-14));
    f.hessian(at, h);
    f.hessp(at, v.col(1), hv);
    CHECK(relative_error(all.gradient, g) < 1e-14);
    CHECK(relative_error(all.hessian, h) < 1e-14);
    CHECK(relative_error(all.products.col(1), hv) < 1e-14);
    CHECK(f.evaluate(at, {}).gradient.size() == 0);
    const Evaluation single = f.evaluate(at, {.hessian = true, .rough = true});
    CHECK(relative_error(single.hessian, h) < 1e-6);
    CHECK(single.hessian != h);
  };
  check(LinearModel(Poisson{}, make_data(DenseRows(view_of(x)), labels)));
  check(SoftmaxModel(make_data(DenseRows(view_of(x)), classes), 3));
}

TEST_CASE("the influence of rows is what the inverse of the Hessian says") {
  const DataOptions options{.sample_weight = random_vector(n, 20).array().abs(),
                            .offset = random_matrix(n, 1, 21),
                            .l2 = Vector::Constant(1, 0.01)};
  const auto check = [&](bool intercept) {
    DataOptions some = options;
    some.intercept = intercept;
    const LinearModel f(Poisson{}, make_data(DenseRows(view_of(x)), labels, some));
    const Vector at = random_vector(f.n_parameters(), 22);
    const Vector mean = f.column_moments().mean;
    const Matrix h = f.evaluate(at, {.hessian = true, .origin = mean}).hessian;
    const Influence found = influence(f, at, h);
    Matrix z(n, f.n_parameters());
    z.leftCols(p) = x;
    if (intercept) z.col(p).setOnes();
    const Array eta = z * at + f.data().offset.col(0);
    CHECK(relative_error(found.predictor, eta) < 1e-13);
    CHECK(relative_error(found.slope, eta.exp() - labels) < 1e-13);
    CHECK(relative_error(found.curvature, eta.exp()) < 1e-13);
    Matrix plain(at.size(), at.size());
    f.hessian(at, plain);
    const Array reach =
        f.data().weight * (z * plain.inverse()).cwiseProduct(z).rowwise().sum().array();
    CHECK(relative_error(found.reach, reach) < 1e-10);
    CHECK(further_steps(f, at, h, {3, n - 1}).allFinite());
    CHECK_THROWS_AS(further_steps(f, at, h, {n}), ArgumentError);
    check_same_bits_for_any_team([&] { return Vector(influence(f, at, h).reach); });
  };
  check(true);
  check(false);
}

TEST_CASE("a model tells a direction along which it falls without end") {
  const Vector w = random_vector(p, 18), eta = x * w;
  const Array side = (eta.array() > 0.3).cast<double>(),
              third = side + (eta.array() > 1).cast<double>();
  Array overlapping = side;
  overlapping[7] = 1 - overlapping[7];
  const auto found = [](const auto& model) {
    return recession(model, 50 * random_vector(model.n_parameters(), 19));
  };
  const auto data = [](const Array& y, const DataOptions& options = {}) {
    return make_data(DenseRows(view_of(x)), y, options);
  };
  const auto check = [](const auto& model, const auto& recession) {
    REQUIRE(recession);
    CHECK(recession->rows == n);
    Vector g(model.n_parameters());
    CHECK(model.value_and_gradient(1e3 * recession->direction, g) < 1e-6);
  };
  const LinearModel logistic(Logistic{}, data(side));
  check(logistic, found(logistic));
  const LinearModel boosting(Exponential{}, data(side));
  check(boosting, found(boosting));
  const SoftmaxModel softmax(data(third), 3);
  check(softmax, found(softmax));
  const LinearModel zeros(Poisson{}, data(Array::Zero(n)));
  check(zeros, found(zeros));
  check_same_bits_for_any_team([&] { return found(softmax)->direction; });

  CHECK(!found(LinearModel(Logistic{}, data(overlapping))));
  CHECK(!found(LinearModel(Logistic{}, data(side, {.l2 = Vector::Constant(1, 0.1)}))));
  CHECK(!found(LinearModel(Poisson{}, data(side))));
  CHECK(!found(LinearModel(Squared{}, data(side))));
  Array weight = Array::Ones(n);
  weight[7] = 0;
  const auto without = found(LinearModel(Logistic{}, data(overlapping, {.sample_weight = weight})));
  REQUIRE(without);
  CHECK(without->rows == n - 1);
}
