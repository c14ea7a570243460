// Many masks at once, and all there are.
#include <cmath>

#include "hessopt/core/error.hpp"
#include "hessopt/dropout/many_masks.hpp"
#include "hessopt/dropout/masked_product.hpp"
#include "hessopt/expectation/enumerate.hpp"
#include "hessopt/expectation/enumerated_model.hpp"
#include "hessopt/expectation/expected_sigmoid.hpp"
#include "hessopt/losses/table.hpp"
#include "keep_lanes.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

const Dropout noise{0.3, 5};

template <Real T>
RowMatrixOf<T> random_rows(Index rows, Index cols, unsigned seed) {
  return random_matrix(rows, cols, seed).cast<T>();
}

// A sample per row.
template <Real T>
RowMatrixOf<T> one_by_one(const VectorOf<T>& x, Index samples, std::uint32_t stream) {
  RowMatrixOf<T> out(samples, x.size());
  for (Index k = 0; k < samples; ++k)
    put_noise<T>(noise, {.stream = stream + static_cast<std::uint32_t>(k)}, 0, x.size(), x.data(),
                 &out(k, 0));
  return out;
}

LinearModel logistic(const RowMatrix& x, const Array& y) {
  return {Logistic{}, make_data(DenseRows(view_of(x)), y, {.l2 = Vector::Constant(1, 0.1)})};
}

}  // namespace

TEST_CASE_TEMPLATE("samples and moments are those of the streams", T, float, double) {
  for (const Index size : {1, 33, 2047, 2049})
    for (const Index samples : {2, 7, 33}) {
      const VectorOf<T> x = random_rows<T>(size, 1, 1);
      const RowMatrixOf<T> want = one_by_one<T>(x, samples, 7);
      RowMatrixOf<T> many(samples, size);
      dropout_samples(noise, 7, samples, size, x.data(), many.data());
      CHECK(many == want);
      VectorOf<T> mean(size), variance(size);
      dropout_moments(noise, 7, samples, size, x.data(), mean.data(), variance.data());
      const RowMatrix wide = want.template cast<double>();
      const Vector middle = wide.colwise().mean();
      const Vector spread = (wide.rowwise() - middle.transpose()).colwise().squaredNorm() /
                            static_cast<double>(samples - 1);
      const double tolerance = sizeof(T) == 4 ? 1e-6 : 1e-14;
      CHECK(relative_error(mean.template cast<double>(), middle) < tolerance);
      CHECK(relative_error(variance.template cast<double>(), spread) < tolerance);
    }
  T none = 0;
  CHECK_THROWS_AS(dropout_moments(noise, 0, 1, 1, &none, &none, &none), ArgumentError);
}

TEST_CASE_TEMPLATE("lanes are kept where the bit is one", T, float, double) {
  constexpr Index lanes = kernels::lanes<T>;
  T x[lanes], out[lanes];
  for (Index l = 0; l < lanes; ++l) x[l] = static_cast<T>(l + 1);
  for (const std::uint32_t word : {0u, ~0u, 0xdeadbeefu, 0x12345678u})
    for (Index first = 0; first < 32; first += lanes) {
      Eigen::internal::pstoreu(out, kernels::keep_lanes<T>(kernels::load(x), word, first));
      for (Index l = 0; l < lanes; ++l)
        CHECK(out[l] == ((word >> (first + l) & 1) != 0 ? x[l] : T(0)));
    }
}

TEST_CASE_TEMPLATE("the head is dropout and a product for each stream", T, float, double) {
  for (const auto& [m, p, q] : {std::tuple<Index, Index, Index>{1, 1, 1},
                                {5, 33, 2},
                                {70, 100, 5},
                                {300, 31, 11},
                                {2, 3000, 10}}) {
    const RowMatrixOf<T> h = random_rows<T>(m, p, 1), w = random_rows<T>(q, p, 2);
    const VectorOf<T> bias = random_rows<T>(q, 1, 3);
    constexpr Index samples = 18;
    for (const bool shared : {false, true}) {
      RowMatrixOf<T> got(samples * m, q), dropped(m, p);
      masked_product(noise, 4, shared, view_of(h), view_of(w), bias.data(), samples, got.data());
      for (Index k = 0; k < samples; ++k) {
        const auto stream = static_cast<std::uint32_t>(4 + k);
        for (Index i = 0; i < m; ++i)
          put_noise<T>(noise, {.stream = stream}, shared ? 0 : i * p, p, &h(i, 0), &dropped(i, 0));
        const RowMatrix want =
            (dropped.template cast<double>() * w.template cast<double>().transpose()).rowwise() +
            bias.template cast<double>().transpose();
        CHECK(relative_error(got.middleRows(k * m, m).template cast<double>(), want) <
              (sizeof(T) == 4 ? 1e-6 : 1e-14));
      }
    }
  }
}

TEST_CASE("tables by doubling and folds are plain loops over masks") {
  constexpr Index n = 5, size = 32;
  const Vector a = random_vector(n, 1), r = random_vector(size, 2);
  Vector values(size), probability(size);
  const auto& table = kernels::sums();
  table.units(0.5, a.data(), n, values.data());
  table.probabilities(0.7, n, probability.data());
  Vector singles = Vector::Zero(n + 1);
  Matrix pairs = Matrix::Zero(n + 1, n + 1);
  for (Index z = 0; z < size; ++z) {
    const auto has = [z](Index j) { return j == n || (z >> j & 1) != 0; };
    double t = 0.5;
    for (Index j = 0; j <= n; ++j) {
      if (j < n && has(j)) t += a[j];
      if (has(j)) singles[j] += r[z];
      for (Index k = 0; k <= j; ++k)
        if (has(j) && has(k)) pairs(j, k) += r[z];
    }
    CHECK(values[z] == doctest::Approx(t).epsilon(1e-15));
    CHECK(probability[z] == doctest::Approx(mask_probability(0.7, n, z)).epsilon(1e-14));
    CHECK(0.5 + sum_of_units(a.data(), z) == doctest::Approx(t).epsilon(1e-14));
  }
  Vector used = r, got(n + 1), scratch(size);
  table.fold(used.data(), n, got.data());
  CHECK(relative_error(got, singles) < 1e-14);
  used = r;
  RowMatrix sums = RowMatrix::Zero(n + 1, n + 1);
  table.fold_pairs(used.data(), n, scratch.data(), sums.data());
  CHECK(relative_error(sums, pairs) < 1e-14);
}

TEST_CASE("the enumerated sigmoid is the sum over masks, large predictors included") {
  for (const double scale : {0.3, 500.0}) {
    const RowMatrix x = scale * random_matrix(3, 12, 1);
    const Vector w = random_vector(12, 2);
    Vector out(3), values(4096), probability(4096);
    enumerated_sigmoid(view_of(x), w, 0.2, 0.7, out.data());
    kernels::sums().probabilities(0.7, 12, probability.data());
    for (Index i = 0; i < 3; ++i) {
      const Vector a = x.row(i).transpose().cwiseProduct(w) / 0.7;
      kernels::sums().units(0.2, a.data(), 12, values.data());
      const double want = (probability.array() / (1 + (-values.array()).exp())).sum();
      CHECK(std::abs(out[i] - want) < 1e-12);
    }
  }
}

TEST_CASE("derivatives of enumerated models agree with differences") {
  const Array y = Array{{0.0, 1.0, 1.0}};
  for (const Index p : {1, 3, 11}) {  // 11 columns: two blocks of masks, but where an input is zero
    RowMatrix x = random_matrix(3, p, 1);
    x(1, 0) = 0;
    const LinearModel linear = logistic(x, y);
    check_derivatives(EnumeratedModel(linear, 0.7), random_vector(p + 1, 2));
    if (p > 3) continue;
    const SoftmaxModel soft(make_data(DenseRows(view_of(x)), y, {.l2 = Vector::Constant(1, 0.1)}),
                            3);
    check_derivatives(EnumeratedModel(soft, 0.7), random_vector(3 * (p + 1), 3));
  }
}

TEST_CASE("many masks have the same bits for any team") {
  const RowMatrix h = random_matrix(60, 300, 1), w = random_matrix(3, 300, 2);
  const RowMatrix few = random_matrix(40, 6, 3);
  const Array y = Array::NullaryExpr(40, [](Index i) { return double(i % 2); });
  const LinearModel model = logistic(few, y);
  const Vector at = random_vector(7, 4);
  check_same_bits_for_any_team([&] {
    Vector out(20 * 60 * 3 + 2 * h.size() + 8);
    masked_product<double>(noise, 0, false, view_of(h), view_of(w), nullptr, 20, out.data());
    double* moments = out.data() + 20 * 60 * 3;
    dropout_moments(noise, 0, 20, h.size(), h.data(), moments, moments + h.size());
    Vector g(7);
    out[out.size() - 1] = EnumeratedModel(model, 0.5).value_and_gradient(at, g);
    out.segment(out.size() - 8, 7) = g;
    return out;
  });
}
