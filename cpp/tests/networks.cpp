#include "hessopt/networks/network.hpp"

#include "hessopt/kernels/table.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// Columns as the kernels have them, from the start of each a stride apart.
template <Real T>
struct Columns {
  static constexpr Index stride = kernels::network_stride<T>;
  std::vector<T> data;

  explicit Columns(const Matrix& m) : data(static_cast<std::size_t>(m.cols() * stride)) {
    for (Index j = 0; j < m.cols(); ++j)
      for (Index i = 0; i < m.rows(); ++i) at(i, j) = static_cast<T>(m(i, j));
  }
  T& at(Index i, Index j) { return data[static_cast<std::size_t>(j * stride + i)]; }
  Matrix matrix(Index rows, Index cols) {
    return Matrix::NullaryExpr(rows, cols,
                               [&](Index i, Index j) { return static_cast<double>(at(i, j)); });
  }
};

template <Real T>
void check_products(Index rows, Index inputs, Index outputs) {
  const auto& table = kernels::networks<T>();
  const Matrix a = random_matrix(rows, inputs, 1), d = random_matrix(rows, outputs, 2);
  const RowMatrixOf<T> w = random_matrix(inputs, outputs, 3).cast<T>();
  const VectorOf<T> b = random_vector(outputs, 4).cast<T>();
  const double bound = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
  Columns<T> left(a), right(d);
  const Matrix x = left.matrix(rows, inputs), y = right.matrix(rows, outputs);
  const Matrix wide = w.template cast<double>();

  Columns<T> z(Matrix::Zero(rows, outputs)), e(a);
  table.times(rows, inputs, outputs, left.data.data(), w.data(), outputs, 1, b.data(), false,
              z.data.data());
  const Matrix want =
      (x * wide).rowwise() + b.template cast<double>().transpose().matrix().eval().row(0);
  CHECK(relative_error(z.matrix(rows, outputs), want) < bound);
  table.times(rows, outputs, inputs, right.data.data(), w.data(), 1, outputs, nullptr, true,
              e.data.data());
  CHECK(relative_error(e.matrix(rows, inputs), x + y * wide.transpose()) < bound);

  RowMatrixOf<T> g = w;
  VectorOf<T> sums = b;
  table.add_inner(rows, inputs, outputs, left.data.data(), right.data.data(), g.data());
  table.add_sums(rows, outputs, right.data.data(), sums.data());
  CHECK(relative_error(g.template cast<double>(), wide + x.transpose() * y) < bound);
  CHECK(relative_error(sums.template cast<double>(),
                       b.template cast<double>() + y.colwise().sum().transpose()) < bound);
}

}  // namespace

TEST_CASE("the products of a layer are those of plain matrices, whatever is left of their tiles") {
  for (Index rows = kernels::network_step; rows <= kernels::network_rows;
       rows += kernels::network_step)
    for (const Index inputs : {1, 2, 5, 6, 7, 13})
      for (const Index outputs : {1, 2, 3, 4, 5, 6, 7, 11}) {
        check_products<float>(rows, inputs, outputs);
        check_products<double>(rows, inputs, outputs);
      }
}

TEST_CASE("derivatives of activations agree with differences") {
  const auto& table = kernels::networks<double>();
  constexpr Index rows = 112;
  constexpr double h = 1e-5;
  const Matrix z = Matrix::NullaryExpr(rows, 1, [](Index i) { return 0.17 * double(i) - 9.4; });
  for (Index k = 0; k < table.n_activations; ++k) {
    const auto look = [&](const Matrix& at) {
      Columns<double> value(at), slope(at), bend(at);
      table.activations[k].apply(rows, 1, 0.1, value.data.data(), slope.data.data(),
                                 bend.data.data());
      return std::array{value.matrix(rows, 1), slope.matrix(rows, 1), bend.matrix(rows, 1)};
    };
    const auto [value, slope, bend] = look(z);
    const Matrix step = Matrix::Constant(rows, 1, h);
    const auto right = look(z + step), left = look(z - step);
    CAPTURE(table.activations[k].name);
    CHECK((slope - (right[0] - left[0]) / (2 * h)).cwiseAbs().maxCoeff() < 1e-9);
    CHECK((bend - (right[1] - left[1]) / (2 * h)).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("the gradient of a network agrees with differences") {
  constexpr Index n = 300, p = 4;
  const RowMatrix x = random_matrix(n, p, 1);
  const Matrix labels = Matrix::NullaryExpr(n, 1, [](Index i) { return double(i % 3); });
  const Architecture layers(
      {{.inputs = p, .units = 5, .activation = "tanh", .rate = 0.25}, {.inputs = 5, .units = 3}},
      0.0);
  const OutputLoss loss(3);
  const NetworkData data(DenseRows(view_of(x)), labels, {}, loss);
  const Network f(layers, loss, data, Vector::Constant(2, 0.1), {.seed = 1, .samples = 2});
  const Vector at = 0.5 * random_vector(f.n_parameters(), 5);
  Vector g(at.size());
  f.value_and_gradient(at, g);
  const Matrix slopes = differences(
      [&](const Vector& where) { return Vector::Constant(1, f.evaluate(where, {}).value).eval(); },
      at);
  CHECK(relative_error(g.transpose(), slopes) < 1e-8);
}
