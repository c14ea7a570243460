#include "hessopt/rows/grams.hpp"

#include <cstdint>
#include <vector>

#include "hessopt/losses/table.hpp"
#include "hessopt/objectives/linear_model.hpp"
#include "hessopt/rows/sparse.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// Rows with a third of their numbers, as dense and as sparse ones.
struct Both {
  RowMatrix matrix;
  std::vector<double> values;
  std::vector<std::int32_t> indices;
  std::vector<Index> starts{0};
  SparseView<double, std::int32_t> view{};

  Both(Index rows, Index cols) : matrix(random_matrix(rows, cols, 3)) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < cols; ++j) {
        if ((i + j) % 3 != 0) {
          matrix(i, j) = 0;
          continue;
        }
        values.push_back(matrix(i, j));
        indices.push_back(static_cast<std::int32_t>(j));
      }
      starts.push_back(static_cast<Index>(values.size()));
    }
    view = {values.data(), indices.data(), starts.data(), rows, cols, 1};
  }
  Rows dense() const { return DenseRows(view_of(block_of(matrix))); }
  Rows sparse() const { return SparseRows(checked({view})); }
};

}  // namespace

TEST_CASE("Gram matrices of all rows and of sums over groups") {
  const Index n = 500, p = 7;
  const Both x(n, p);
  const Vector r = random_vector(n, 4), origin = random_vector(p, 5);
  for (const Rows& rows : {x.dense(), x.sparse()})
    for (const bool intercept : {false, true})
      for (const Index groups : {2, 37, 500}) {
        Matrix z(n, p + (intercept ? 1 : 0));
        z.leftCols(p) = x.matrix.rowwise() - origin.transpose();
        if (intercept) z.col(p).setOnes();
        CHECK(relative_error(gram_of_rows(rows, intercept, r, origin),
                             z.transpose() * r.asDiagonal() * z) < 1e-12);
        std::vector<std::int64_t> codes(n);
        Matrix sums = Matrix::Zero(groups, z.cols());
        for (Index i = 0; i < n; ++i) {
          const Index g = groups == 37 ? i * groups / n : i * 31 % groups;  // in order, or not
          codes[static_cast<std::size_t>(i)] = i % 11 == 0 ? -1 : g;
          if (i % 11 != 0) sums.row(g) += r[i] * z.row(i);
        }
        CHECK(relative_error(gram_of_groups(rows, intercept, r, origin, codes, groups),
                             sums.transpose() * sums) < 1e-12);
        Matrix plain = z;
        plain.leftCols(p) = x.matrix;
        CHECK(relative_error(sums_of_rows(rows, intercept, r), plain.transpose() * r) < 1e-12);
      }
}

TEST_CASE("derivatives of single rows are those of models of one") {
  const Index n = 90;
  const Both x(n, 4);
  const Vector at = random_vector(5, 6);
  Array y(n), weight(n);
  for (Index i = 0; i < n; ++i) {
    y[i] = static_cast<double>(i % 3);
    weight[i] = static_cast<double>(i % 4);
  }
  const LinearModel model(Poisson{}, make_data(x.sparse(), y, {.sample_weight = weight}));
  const RowDerivatives found = model.row_derivatives(at);
  for (Index i = 0; i < n; ++i) {
    const double mean = std::exp(x.matrix.row(i).dot(at.head(4)) + at[4]);
    const double share = weight[i] / weight.sum();
    CHECK(found.first[i] == doctest::Approx(share * (mean - y[i])).epsilon(1e-12));
    CHECK(found.second[i] == doctest::Approx(share * mean).epsilon(1e-12));
  }
}
