#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "hessopt/core/error.hpp"
#include "hessopt/expectation/fixed_samples.hpp"
#include "hessopt/linalg/cholesky.hpp"
#include "hessopt/losses/table.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/rows/inverse_forms.hpp"
#include "hessopt/rows/mixed.hpp"
#include "hessopt/rows/stacked.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// Compressed rows of a matrix, its zeros left out.
template <class T, class I>
struct Stored {
  std::vector<T> values;
  std::vector<I> indices;
  std::vector<Index> starts{0};
  SparseView<T, I> view;

  explicit Stored(const Matrix& x) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index j = 0; j < x.cols(); ++j)
        if (x(i, j) != 0) {
          values.push_back(static_cast<T>(x(i, j)));
          indices.push_back(static_cast<I>(j));
        }
      starts.push_back(static_cast<Index>(values.size()));
    }
    view = {values.data(), indices.data(), starts.data(), x.rows(), x.cols(), 1};
  }
};

// Zeros for the most part, a row and a column of nothing else.
Matrix sparse_matrix(Index rows, Index cols, unsigned seed) {
  const Matrix x = random_matrix(rows, cols, seed).cast<float>().cast<double>();
  Matrix out = (x.array() > 0.5).select(x, 0.0);
  out.row(rows / 2).setZero();
  out.col(cols - 1).setZero();
  return out;
}

Matrix dense_of(const Rows& rows) {
  RowBuffer room;
  RowMatrix buffer;
  return rows.block(0, rows.rows(), 0, false, room).wide(buffer);
}

// All that rows answer, held against the matrix that they stand for.
void check_whole(const WholeRows& x, const Matrix& exact) {
  const Index n = exact.rows(), p = exact.cols();
  const Vector w = random_vector(n, 1), origin = random_vector(p, 2);
  Vector sums = Vector::Zero(p + 1);
  add_transposed(x, true, w.data(), sums);
  CHECK(relative_error(sums.head(p), exact.transpose() * w) < 1e-13);
  CHECK(sums[p] == doctest::Approx(w.sum()));

  for (const bool about : {false, true}) {
    Matrix z(n, p + 1), h = Matrix::Zero(p + 1, p + 1);
    z << exact, Vector::Ones(n);
    if (about) z.leftCols(p).rowwise() -= origin.transpose();
    add_gram(x, true, w.data(), about ? origin : Vector(), h);
    const Matrix want = z.transpose() * w.asDiagonal() * z;
    CHECK(relative_error(h.triangularView<Eigen::Lower>(), want.triangularView<Eigen::Lower>()) <
          1e-13);
  }

  Array weight = w.array().abs();
  weight[1] = 0;
  const Vector unit = Vector::Constant(p, 2.0);
  Vector first = Vector::Zero(p), second = first;
  x.add_deviations(weight, origin.data(), first.data());
  x.add_squares(weight, origin.data(), unit.data(), second.data());
  const Matrix distance = exact.rowwise() - origin.transpose();
  CHECK(relative_error(first, distance.transpose() * weight.matrix()) < 1e-13);
  CHECK(relative_error(second, (distance / 2).cwiseAbs2().transpose() * weight.matrix()) < 1e-13);

  std::vector<Index> group(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) group[static_cast<std::size_t>(i)] = i % 3 - 1;
  Matrix least = Matrix::Constant(p, 2, HUGE_VAL), most = -least;
  x.add_ranges(group.data(), 2, least.data(), most.data());
  for (Index g = 0; g < 2; ++g) {
    const Matrix some = exact(Eigen::seq(g + 1, n - 1, 3), Eigen::all);
    CHECK(least.col(g) == some.colwise().minCoeff().transpose());
    CHECK(most.col(g) == some.colwise().maxCoeff().transpose());
  }
}

// Of a block in the middle.
void check_block(const Rows& rows, const Matrix& all) {
  const Index p = all.cols();
  RowBuffer room;
  const Block x = rows.block(3, 20, 0, true, room).middle(2, 9);
  const Matrix exact = all.middleRows(5, 9);
  const Vector w = random_vector(p + 1, 3), z = random_vector(p, 4);
  Vector r = random_vector(9, 5), t = random_vector(9, 6);
  const Vector want = exact * w.head(p) + Vector::Constant(9, w[p]);
  Vector out(9), g = w, h = z;
  x.predict(w, out.data(), r.data());
  CHECK(relative_error(out, want + r) < 1e-13);
  x.add_transposed_with_squares(r.data(), t.data(), g, h);
  CHECK(relative_error(g.head(p), w.head(p) + exact.transpose() * r) < 1e-13);
  CHECK(relative_error(h, z + exact.cwiseAbs2().transpose() * t) < 1e-13);
  Matrix gram = Matrix::Zero(p + 1, p + 1), cross = Matrix::Zero(p + 1, 2);
  x.add_gram(r.data(), false, gram);
  const Matrix lower = exact.transpose() * r.asDiagonal() * exact;
  CHECK(relative_error(gram.topLeftCorner(p, p).triangularView<Eigen::Lower>(),
                       lower.triangularView<Eigen::Lower>()) < 1e-13);
  const RowMatrix other = random_matrix(9, 2, 7);
  x.add_cross(r.data(), other, cross);
  CHECK(relative_error(cross.topRows(p), exact.transpose() * r.asDiagonal() * other) < 1e-13);
  x.predict_with_squares(w, z, r.data(), t.data());
  CHECK(relative_error(r, want) < 1e-13);
  CHECK(relative_error(t, exact.cwiseAbs2() * z) < 1e-13);
  CHECK(dense_of(rows.every(4)) == all(Eigen::seqN(0, (all.rows() + 3) / 4, 4), Eigen::all));
}

// z'H^-1 z of z = (x - origin, 1), against the same of dense rows.
void check_inverse_forms(const Rows& rows, const Matrix& all) {
  const Index n = all.rows(), p = all.cols();
  const RowMatrix table = all;
  const Rows dense = DenseRows(view_of(table));
  Matrix h = random_matrix(p + 1, p + 1, 8);
  h = h * h.transpose() + Matrix::Identity(p + 1, p + 1);
  cholesky_factor(h);
  const Vector origin = random_vector(p, 9);
  const auto found = [&](const Rows& x) {
    RowBuffer room;
    Vector out(n);
    InverseForms(h, origin, x, true).of(x.block(0, n, 0, true, room), out.data());
    return out;
  };
  CHECK(relative_error(found(rows), found(dense)) < 1e-11);
}

}  // namespace

TEST_CASE_TEMPLATE("sparse rows answer what their matrix says, whatever their types", I,
                   std::int32_t, std::int64_t) {
  const Matrix exact = sparse_matrix(61, 17, 1);
  const Stored<double, I> wide(exact);
  const Stored<float, I> narrow(exact);
  const Stored<double, I> columns(exact.transpose());
  for (const SparseRows& x : {SparseRows(checked({wide.view})), SparseRows(checked({narrow.view})),
                              SparseRows::of_columns(checked({columns.view}))}) {
    CHECK(dense_of(Rows(x)) == exact);
    check_whole(x, exact);
    check_block(Rows(x), exact);
    check_inverse_forms(Rows(x), exact);
  }
}

TEST_CASE("sparse blocks under one another answer what their table says") {
  const Matrix exact = sparse_matrix(61, 17, 1);
  const std::vector<Index> begins{0, 1, 30, 61};
  std::vector<Stored<double, std::int32_t>> stored;
  for (std::size_t k = 0; k < 3; ++k)
    stored.emplace_back(exact.middleRows(begins[k], begins[k + 1] - begins[k]));
  const auto part = [&](Index k) -> Rows {
    return SparseRows(checked({stored[static_cast<std::size_t>(k)].view}));
  };
  const Rows rows = stacked(Stack({1, 29, 31}, part, part(1), false), part(1));
  REQUIRE(rows.get_if<WholeRows>() != nullptr);
  CHECK(dense_of(rows) == exact);
  check_whole(*rows.get_if<WholeRows>(), exact);
  check_block(rows, exact);
}

TEST_CASE("what is not in order is put in order, and what is broken is named") {
  const Matrix exact = sparse_matrix(30, 9, 2);
  Stored<double, std::int32_t> x(exact);
  for (std::size_t i = 0; i < 30; ++i) {
    std::reverse(x.indices.begin() + x.starts[i], x.indices.begin() + x.starts[i + 1]);
    std::reverse(x.values.begin() + x.starts[i], x.values.begin() + x.starts[i + 1]);
  }
  CHECK(dense_of(Rows(SparseRows(checked({x.view})))) == exact);
  const std::vector<double> twice{1, 2, 3};
  const std::vector<std::int32_t> same{4, 1, 4};
  const std::vector<Index> ends{0, 3};
  const SparseView<double, std::int32_t> row{twice.data(), same.data(), ends.data(), 1, 9, 1};
  const Matrix sum = dense_of(Rows(SparseRows(checked({row}))));
  CHECK(sum(0, 4) == 4);
  CHECK(sum(0, 1) == 2);
  x.indices[5] = 9;
  CHECK_THROWS_AS(checked({x.view}), ArgumentError);
  x.indices[5] = 0;
  x.values[3] = HUGE_VAL;
  CHECK_THROWS_AS(checked({x.view}), ArgumentError);
}

TEST_CASE("columns side by side answer what their table says") {
  constexpr Index n = 1100;
  const Matrix numbers = random_matrix(n, 3, 1), words = sparse_matrix(n, 7, 2);
  const Stored<double, std::int32_t> stored(words);
  std::vector<std::uint8_t> few(n);
  std::vector<std::uint16_t> some(n);
  std::vector<std::uint32_t> many(n);
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    few[at] = static_cast<std::uint8_t>(i % 5 == 4 ? 255 : i % 4);  // one in five has no level
    some[at] = static_cast<std::uint16_t>(i * 7 % 11);
    many[at] = static_cast<std::uint32_t>(i * i % 31);
  }
  // Columns: variable of 4 | number | variable of 11 | words | number | variable of 40 | number.
  Matrix exact = Matrix::Zero(n, 4 + 1 + 11 + 7 + 1 + 40 + 1);
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (few[at] < 4) exact(i, few[at]) = 1;
    exact(i, 5 + some[at]) = 1;
    exact(i, 24 + many[at]) = 1;
  }
  exact.col(4) = numbers.col(0);
  exact.middleCols(16, 7) = words;
  exact.col(23) = numbers.col(1);
  exact.col(64) = numbers.col(2);
  const MixedRows x(n, exact.cols(),
                    {.dense = DenseRows(MatrixView<double>{numbers.data(), n, 3, 1, n}),
                     .dense_at = {4, 23, 64},
                     .variables = {{few.data(), 1, 1, 4, 0, false},
                                   {some.data(), 2, 1, 11, 5, false},
                                   {many.data(), 4, 1, 40, 24, false}},
                     .sparse = SparseRows(checked({stored.view})),
                     .sparse_at = 16});
  CHECK(dense_of(Rows(x)) == exact);
  check_whole(x, exact);
  check_block(Rows(x), exact);
  check_inverse_forms(Rows(x), exact);

  const Array y = random_vector(n, 8).array().abs();
  const Vector at = 0.1 * random_vector(exact.cols() + 1, 9);
  const RowMatrix table = exact;
  const LinearModel mixed(Poisson{}, make_data(x, y)),
      dense(Poisson{}, make_data(DenseRows(view_of(table)), y));
  const Request all{.gradient = true, .hessian = true, .along = at};
  const Evaluation got = mixed.evaluate(at, all), want = dense.evaluate(at, all);
  CHECK(got.value == doctest::Approx(want.value).epsilon(1e-13));
  CHECK(relative_error(got.gradient, want.gradient) < 1e-12);
  CHECK(relative_error(got.hessian, want.hessian) < 1e-13);
  CHECK(relative_error(got.products, want.products) < 1e-13);
}

TEST_CASE("noise of sparse rows is that of the table, drawn for what is stored") {
  const Matrix exact = sparse_matrix(300, 40, 3);
  const RowMatrix table = exact;
  const Stored<float, std::int64_t> stored(exact);
  const Array y = random_vector(300, 8).array().abs();
  const LinearModel sparse(Poisson{}, make_data(SparseRows(checked({stored.view})), y)),
      dense(Poisson{}, make_data(DenseRows(view_of(table)), y));
  NetPoints points(4, 40);
  for (Index i = 0; i < points.size(); ++i)
    points.data()[i] = static_cast<std::uint32_t>(i) * 2654435761u;
  const Vector at = 0.1 * random_vector(41, 9);
  const Request all{.gradient = true, .hessian = true, .along = at};
  const Noise laws[] = {Dropout{0.5, 3}, Dropout{0.3, 3}, GaussianDropout{0.3, 3}};
  for (const Noise& law : laws)
    for (const NoiseSamples& noise :
         {NoiseSamples(law, 4), NoiseSamples(law, 4, true),
          NoiseSamples(law, std::make_shared<const NetPoints>(points))}) {
      const Evaluation got = fixed_samples(sparse, noise).evaluate(at, all),
                       want = fixed_samples(dense, noise).evaluate(at, all);
      CHECK(got.value == doctest::Approx(want.value).epsilon(1e-13));
      CHECK(relative_error(got.gradient, want.gradient) < 1e-12);
      CHECK(relative_error(got.hessian, want.hessian) < 1e-13);
      CHECK(relative_error(got.products, want.products) < 1e-13);
    }
  CHECK_THROWS_AS(fixed_samples(sparse, NoiseSamples(GaussianNoise{0.3, 3}, 4)), ArgumentError);
}
