#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/rows/dense.hpp"
#include "hessopt/rows/pass.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

struct Sum {
  double value = 0;
  void operator+=(const Sum& other) { value += other.value; }
  void clear() { value = 0; }
};

// Of rows in a longer matrix, with an intercept: (X 1), as one matrix.
template <class T>
struct Sample {
  RowMatrixOf<T> all = random_matrix(21, 40, 7).cast<T>();
  Matrix exact;
  Block block;

  Sample(Index rows, Index cols)
      : exact(rows, cols + 1),
        block(
            dense_block(RowBlock<T>(all.data() + 3, rows, cols, Eigen::OuterStride<>(40)), true)) {
    exact << all.template cast<double>().block(0, 3, rows, cols), Vector::Ones(rows);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("products with rows of any length, number and distance", T, double, float) {
  const Vector w = random_vector(41, 8), r = random_vector(21, 9);
  for (Index rows = 1; rows <= 21; ++rows)
    for (Index cols = 1; cols <= 37; ++cols) {
      const Sample<T> x(rows, cols);
      Vector product(rows), sums = w.head(cols + 1);
      x.block.predict(w.head(cols + 1), product.data(), r.data());
      x.block.add_transposed(r.data(), sums);
      CHECK(relative_error(product, x.exact * w.head(cols + 1) + r.head(rows)) < 1e-12);
      CHECK(relative_error(sums, w.head(cols + 1) + x.exact.transpose() * r.head(rows)) < 1e-13);
    }
}

TEST_CASE_TEMPLATE("products with rows and with their squares, whatever their width", T, float,
                   double) {
  for (Index cols = 1; cols <= 19; ++cols)
    for (const Index rows : {1, 3, 4, 11}) {
      const Sample<T> x(rows, cols);
      const Matrix squares = x.exact.leftCols(cols).cwiseAbs2();
      const Vector w = random_vector(cols + 1, 4), z = random_vector(cols, 5);
      Vector r = random_vector(rows, 6), t = random_vector(rows, 7);
      Vector g = w, h = z;
      x.block.add_transposed_with_squares(r.data(), t.data(), g, h);
      CHECK(relative_error(g, w + x.exact.transpose() * r) < 1e-13);
      CHECK(relative_error(h, z + squares.transpose() * t) < 1e-13);
      x.block.predict_with_squares(w, z, r.data(), t.data());
      CHECK(relative_error(r, x.exact * w) < 1e-13);
      CHECK(relative_error(t, squares * z) < 1e-13);
    }
}

TEST_CASE_TEMPLATE("a block answers what its matrix says", T, float, double) {
  const Sample<T> x(17, 9);
  const Array w = random_vector(17, 3).array();
  Matrix h = Matrix::Zero(10, 10), c = Matrix::Zero(10, 4);
  x.block.add_gram(w.data(), false, h);
  const Matrix want = x.exact.transpose() * w.matrix().asDiagonal() * x.exact;
  CHECK(relative_error(h.triangularView<Eigen::Lower>(), want.triangularView<Eigen::Lower>()) <
        1e-14);
  const RowMatrix z = random_matrix(17, 4, 5);
  x.block.add_cross(w.data(), z, c);
  CHECK(relative_error(c, x.exact.transpose() * w.matrix().asDiagonal() * z) < 1e-14);

  RowMatrix buffer, other;
  CHECK(x.block.wide(buffer) == x.exact.leftCols(9));
  const Vector origin = random_vector(9, 6), scale = random_vector(9, 7).cwiseAbs();
  const RowMatrix centred = x.exact.leftCols(9).rowwise() - origin.transpose();
  CHECK(relative_error(x.block.about(origin, buffer).wide(other), centred) < 1e-15);
  x.block.standardised(origin.data(), scale.data(), buffer);
  CHECK(relative_error(buffer, centred * scale.cwiseInverse().asDiagonal()) < 1e-15);

  Array sums = Array::Zero(9), squares = sums, weight = w.abs();
  weight[3] = 0;
  x.block.add_deviations(origin.array(), weight, sums);
  x.block.add_squares(origin.array(), weight, squares);
  CHECK(relative_error(sums.matrix(), centred.transpose() * weight.matrix()) < 1e-13);
  CHECK(relative_error(squares.matrix(), centred.cwiseAbs2().transpose() * weight.matrix()) <
        1e-13);

  constexpr double infinity = std::numeric_limits<double>::infinity();
  Matrix least = Matrix::Constant(9, 2, infinity), most = -least;
  Index group[17];
  for (Index i = 0; i < 17; ++i) group[i] = i % 3 - 1;
  x.block.add_ranges(group, least, most);
  for (Index j = 0; j < 9; ++j)
    for (Index g = 0; g < 2; ++g) {
      const auto rows = x.exact(Eigen::seq(g + 1, 16, 3), j);
      CHECK(least(j, g) == rows.minCoeff());
      CHECK(most(j, g) == rows.maxCoeff());
    }
  const Block some = x.block.middle(5, 7);
  CHECK(some.rows() == 7);
  CHECK(some.wide(buffer) == x.exact.block(5, 0, 7, 9));
}

TEST_CASE("dense blocks under one another are the rows of their table") {
  const RowMatrix all = random_matrix(30, 5, 2);
  const std::vector<Index> begins{0, 1, 9, 10, 30};
  Index loads = 0;
  const auto part = [&](Index k) -> Rows {
    ++loads;
    const auto at = static_cast<std::size_t>(k);
    return DenseRows(view_of(all).middle_rows(begins[at], begins[at + 1] - begins[at]));
  };
  const Rows rows = stacked(Stack({1, 8, 1, 20}, part, part(0), true), part(0));
  CHECK(rows.rows() == 30);
  CHECK(rows.cols() == 5);
  RowBuffer room;
  RowMatrix buffer;
  for (Index begin = 0; begin < 30; ++begin)
    for (Index count = 1; begin + count <= 30; ++count)
      CHECK(rows.block(begin, count, 0, true, room).wide(buffer) == all.middleRows(begin, count));
  for (Index step = 1; step <= 31; ++step)
    for (Index first = 0; first < 30; ++first) {
      const Rows some = rows.every(step, first);
      const Index count = (30 - first + step - 1) / step;
      CHECK(some.rows() == count);
      CHECK(some.block(0, count, 0, false, room).wide(buffer) ==
            all(Eigen::seqN(first, count, step), Eigen::all));
    }
  loads = 0;
  const Sum sum = sum_over_rows(rows, true, 4, Sum{}, [&](Sum& partial, const Block& x, Index row) {
    CHECK(x.wide(buffer) == all.middleRows(row, x.rows()));
    partial.value += static_cast<double>(x.rows());
  });
  CHECK(sum.value == 30);
  CHECK(loads == 4);
}

TEST_CASE_TEMPLATE("one number that is not finite is found, wherever it is", T, float, double) {
  const auto finite = [](const MatrixView<T>& x) {
    return kernels::rows<T>().all_finite(strided(x));
  };
  const T largest = std::numeric_limits<T>::max();
  for (const T bad : {T(HUGE_VAL), T(-HUGE_VAL), T(std::nan(""))}) {
    RowMatrixOf<T> m = RowMatrixOf<T>::Constant(5, 70, largest);
    const MatrixView<T> rows = view_of(m), columns{m.data(), 70, 5, 1, 70},
                        some{m.data(), 5, 35, 70, 2};
    for (const auto& view : {rows, columns, some}) CHECK(finite(view));
    for (const Index at : {0, 8, 66}) {
      m(3, at) = bad;
      for (const auto& view : {rows, columns, some}) CHECK(!finite(view));
      m(3, at) = 1;
    }
  }
}

TEST_CASE("rows come from where they lie, their sources are values") {
  const Matrix fortran = random_matrix(50, 3, 1);
  const Rows rows = DenseRows(MatrixView<double>{fortran.data(), 50, 3, 1, 50});
  CHECK(rows.get_if<DenseRows>() != nullptr);
  CHECK(&rows.clean() == &rows);
  RowBuffer room;
  RowMatrix buffer;
  CHECK(rows.every(7).rows() == 8);
  CHECK(rows.every(7).block(2, 3, 0, true, room).wide(buffer) ==
        fortran(Eigen::seqN(14, 3, 7), Eigen::all));
  const double sum =
      sum_over_rows(rows, false, 16, Sum{}, [](Sum& partial, const Block& block, Index) {
        RowMatrix wide;
        partial.value += block.wide(wide).sum();
      }).value;
  CHECK(sum == doctest::Approx(fortran.sum()));
}
