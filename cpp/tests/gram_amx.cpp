#include "hessopt/linalg/gram_amx.hpp"

#include <Eigen/Cholesky>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "hessopt/linalg/gram.hpp"
#include "split_panels.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;
using kernels::bf16;
using kernels::Bits;
using kernels::Pair;
using kernels::SplitPanels;
using kernels::SplitShape;
using kernels::Tiles;

namespace {

// v rounded to 8 bits of mantissa by its definition, in float64.
float rounded(float v) {
  if (v == 0 || !std::isfinite(v)) return v;
  const double quantum = std::ldexp(1.0, std::max(std::ilogb(v), -126) - 7);
  return static_cast<float>(std::nearbyint(v / quantum) * quantum);
}
float value(Bits half) { return std::bit_cast<float>(half << 16); }

bool is_rounded(float v) {
  const Bits half = bf16(v);
  if (half > 0xffff) return false;
  return std::isnan(v) ? std::isnan(value(half)) : value(half) == rounded(v);
}

struct Sums {
  Matrix found;
  Matrix want;   // in float64
  Matrix scale;  // sum |w x_j x_k|

  double error() const {
    const Matrix relative = (found - want).cwiseAbs().array() / (scale.array() + 1e-300);
    return Matrix(relative.triangularView<Eigen::Lower>()).maxCoeff();
  }
};

Sums sums_of(Tiles tiles, const RowMatrix& x, const Vector& w) {
  const Index p = x.cols();
  Sums sums;
  sums.want = x.transpose() * w.asDiagonal() * x;
  sums.scale = x.cwiseAbs().transpose() * w.cwiseAbs().asDiagonal() * x.cwiseAbs();
  sums.found = Matrix::Zero(p, p);
  add_split_gram(view_of(x), w.data(), tiles, sums.found);
  return sums;
}

// Both kinds of tiles, where the CPU has the second.
template <class Check>
void for_tiles(Check&& check) {
  check(Tiles::portable);
  if (has_amx()) check(Tiles::amx);
}

// Of 16 bits of mantissa: 2^-16 of each product, and 81 roundings of float32.
constexpr double tolerance = 1.0 / 65536 + 81.0 / (1 << 24);

}  // namespace

TEST_CASE("bf16 is rounded to nearest, ties to even") {
  using Limits = std::numeric_limits<float>;
  const float tie = std::ldexp(1.0f, -8);
  for (const float v : {0.0f,
                        1.0f,
                        1 + tie,
                        1 + 3 * tie,
                        std::nextafter(1 + tie, 2.0f),
                        std::nextafter(1 + tie, 0.0f),
                        2 - tie,
                        2 - tie / 2,
                        Limits::max(),
                        Limits::infinity(),
                        Limits::min(),
                        Limits::denorm_min(),
                        std::ldexp(1.0f, -133),
                        std::ldexp(1.0f, -134),
                        std::ldexp(3.0f, -135),
                        std::bit_cast<float>(0x7f7f7fff),
                        std::bit_cast<float>(0x7f7f8000),
                        std::bit_cast<float>(0x7f800001),
                        std::bit_cast<float>(0x7fffffff),
                        Limits::quiet_NaN()}) {
    CAPTURE(v);
    CHECK(is_rounded(v));
    CHECK(is_rounded(-v));
  }
  CHECK(std::signbit(value(bf16(-0.0f))));
  CHECK(value(bf16(Limits::max())) == Limits::infinity());

  std::mt19937 bits(1);
  bool all = true;
  for (int i = 0; i < 1'000'000; ++i) all = all && is_rounded(std::bit_cast<float>(Bits(bits())));
  CHECK(all);
}

TEST_CASE("panels hold both parts of every number where tiles want them") {
  const Index n = 70, p = 37;
  const RowMatrix x = random_matrix(n, p, 1);
  const VectorOf<float> scale = random_vector(n, 2).cast<float>();
  const Index size = SplitPanels::size(n, p);
  VectorOf<Pair> of_left = VectorOf<Pair>::Constant(size, 1e30f), of_right = of_left;
  SplitPanels panels(of_left.data(), of_right.data());
  panels.pack<double>({x.data(), n, p, p, 1}, scale.data(), nullptr);
  REQUIRE(panels.steps() == 3);
  REQUIRE(panels.cols() == p);
  for (Index row = 0; row < 96; ++row)
    for (Index col = 0; col < 64; ++col) {
      const float v = row < n && col < p ? scale[row] * static_cast<float>(x(row, col)) : 0.0f;
      const float hi = rounded(v), lo = rounded(v - hi);
      const Index tile = row / 32 * 512, k = row % 32 / 2, c = col % 16;
      const auto half = [&](Pair pair) {
        return value(std::bit_cast<Bits>(pair) >> (row % 2 ? 16 : 0) & 0xffff);
      };
      const Pair *right = panels.right(col / 16) + tile, *left = panels.left(col / 16) + tile;
      REQUIRE(half(right[16 * k + c]) == hi);
      REQUIRE(half(right[256 + 16 * k + c]) == lo);
      REQUIRE(half(left[16 * c + k]) == hi);
      REQUIRE(half(left[256 + 16 * c + k]) == lo);
    }
}

TEST_CASE("a split Gram matrix is that of float64 to 16 bits") {
  for_tiles([](Tiles tiles) {
    const auto check = [tiles](Index n, Index p) {
      CAPTURE(n);
      CAPTURE(p);
      CHECK(sums_of(tiles, random_matrix(n, p, 3), random_vector(n, 4).cwiseAbs()).error() <
            tolerance);
    };
    for (Index p = 1; p <= 200; ++p) check(1 + p % 67, p);
    for (Index n = 1; n <= 66; ++n) check(n, 33);
    for (const Index n : {511, 512, 513, 1024, 1300})
      for (const Index p : {1, 16, 50}) check(n, p);
  });
}

TEST_CASE("the worst of splits: what hi and lo leave is all of one sign") {
  const double v = 1 + std::ldexp(1.0, -8) - std::ldexp(1.0, -17) + std::ldexp(1.0, -23);
  for_tiles([v](Tiles tiles) {
    const Sums sums = sums_of(tiles, RowMatrix::Constant(700, 3, v), Vector::Ones(700));
    CHECK(sums.error() < tolerance);
    CHECK(sums.error() > 0.9 / 65536);
  });
}

TEST_CASE("a split Gram matrix of whole numbers is exact") {
  for_tiles([](Tiles tiles) {
    const RowMatrix x = (8 * random_matrix(300, 40, 5)).array().round();
    CHECK(sums_of(tiles, x, Vector::Constant(300, 4)).error() == 0);
    CHECK(detail::agree_with_portable_tiles(tiles));
  });
}

TEST_CASE("a singular split Gram matrix has no pivot below what float32 leaves") {
  for_tiles([](Tiles tiles) {
    RowMatrix x = random_matrix(2000, 10, 6);
    for (const double shift : {0.0, 3.0}) {
      x.array() += shift;
      x.col(9) = x.leftCols(3) * random_vector(3, 7);
      Matrix h = sums_of(tiles, x, random_vector(2000, 8).cwiseAbs()).found;
      h = h.selfadjointView<Eigen::Lower>();
      const Matrix head = h.topLeftCorner(9, 9);
      const Vector last = h.col(9).head(9);
      const double pivot = h(9, 9) - last.dot(head.ldlt().solve(last));
      CHECK(std::abs(pivot) < 3e-6 * h(9, 9));
    }
  });
}

TEST_CASE("a split Gram matrix is added to the lower triangle of a part of H") {
  for_tiles([](Tiles tiles) {
    const RowMatrix x = random_matrix(50, 35, 9);
    const Vector w = random_vector(50, 10).cwiseAbs();
    const Matrix before = random_matrix(60, 60, 11);
    Matrix h = before, want = before;
    add_split_gram(view_of(x), w.data(), tiles, h.block(20, 10, 35, 35));
    want.block(20, 10, 35, 35).triangularView<Eigen::Lower>() += sums_of(tiles, x, w).found;
    CHECK(relative_error(h, want) < 1e-15);
    CHECK((h.array() == before.array()).count() == 60 * 60 - 35 * 36 / 2);
  });
}

TEST_CASE("weights of zero, and below zero, and what is not finite") {
  for_tiles([](Tiles tiles) {
    RowMatrix x = random_matrix(600, 20, 12);
    Vector w = random_vector(600, 13).cwiseAbs();
    w.segment(100, 50).setZero();
    RowMatrix kept(550, 20);
    kept << x.topRows(100), x.bottomRows(450);
    Vector of_kept(550);
    of_kept << w.head(100), w.tail(450);
    CHECK(relative_error(sums_of(tiles, x, w).found, sums_of(tiles, kept, of_kept).found) < 1e-6);
    CHECK(sums_of(tiles, x, Vector::Zero(600)).found.isZero(0));

    w[550] = -1;  // in the second slice
    CHECK(sums_of(tiles, x, w).error() < tolerance);
    CHECK(sums_of(tiles, x, -w.cwiseAbs()).error() < 1e-5);

    const double infinity = std::numeric_limits<double>::infinity();
    for (const double bad : {infinity, -infinity, std::nan(""), 1e30, 1e300}) {
      x(3, 5) = bad;
      const Matrix h = sums_of(tiles, x, w).found;
      CHECK(!std::isfinite(h(5, 5)));
      CHECK(std::isfinite(h(6, 4)));
    }
    w[3] = std::nan("");
    CHECK(!std::isfinite(sums_of(tiles, x, w).found(0, 0)));
  });
}

TEST_CASE("a split Gram matrix has the same bits for any team") {
  const Index n = 5000, p = 20;
  const RowMatrix x = random_matrix(n, p, 14);
  const Vector w = random_vector(n, 15).cwiseAbs();
  for_tiles([&](Tiles tiles) {
    check_same_bits_for_any_team([&] {
      return sum_over_slices(n, p, SplitShape::depth, Matrix::Zero(p, p),
                             [&](MatrixRef partial, Index begin, Index count) {
                               add_split_gram(view_of(x).middle_rows(begin, count),
                                              w.data() + begin, tiles, partial);
                             });
    });
  });
}

TEST_CASE("wide rough products go to tile units where there are some") {
  if (!has_amx()) MESSAGE("no AMX here: only what it is measured against was tested");
  for (const Index p : {least_cols_for_amx - 1, least_cols_for_amx}) {
    const RowMatrix x = random_matrix(100, p, 16);
    const Vector w = random_vector(100, 17).cwiseAbs();
    Matrix h = Matrix::Zero(p, p), want = h;
    add_weighted_gram<float>(block_of(x), w.data(), h);
    if (p == least_cols_for_amx && has_amx())
      add_split_gram(view_of(x), w.data(), Tiles::amx, want);
    else
      detail::add_plain_gram<float>(view_of(x), w.data(), want);
    CHECK(h == want);
  }
}
