#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "hessopt/dropout/apply.hpp"
#include "hessopt/random/normal.hpp"
#include "mask_reader.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

// Kept or not by Philox and the definition alone, a superblock at a time.
std::vector<bool> kept(const Mask& mask, Index size) {
  std::vector<bool> out;
  for (std::uint64_t s = 0; std::ssize(out) < size; ++s) {
    std::uint32_t words[superblock_words];
    kernels::random().superblock(mask, s, words);
    for (Index e = 0; e < superblock_size; ++e) out.push_back(words[e / 32] >> (e % 32) & 1u);
  }
  return out;
}

template <Real T>
VectorOf<T> expected_dropout(const VectorOf<T>& x, const std::vector<bool>& mask, Index offset,
                             T scale) {
  VectorOf<T> out(x.size());
  for (Index i = 0; i < x.size(); ++i)
    out[i] = mask[static_cast<std::size_t>(offset + i)] ? x[i] * scale : T{0};
  return out;
}

template <Real T>
Walk<T> vector_walk(const VectorOf<T>& x, VectorOf<T>& out) {
  return {{{x.size(), 1, 1, 1}}, x.data(), out.data()};
}

}  // namespace

TEST_CASE("any range of a mask is that part of the whole, tails of 1 to 2049 included") {
  const Mask mask(0.8, 7, 2);
  const std::vector<bool> whole = kept(mask, 8200);
  Index wrong = 0;
  for (const Index offset : {0, 1, 8, 31, 32, 2047, 2048, 3000})
    for (Index size = 1; size <= 2049; size += size < 70 ? 1 : 43) {
      const auto at = [&](Index e) { return whole[static_cast<std::size_t>(offset + e)]; };
      std::vector<std::uint8_t> bits(static_cast<std::size_t>((size + 7) / 8), 0xff);
      pack_mask(mask, offset, size, bits.data());
      for (Index e = 0; e < 8 * std::ssize(bits); ++e)
        wrong += (bits[static_cast<std::size_t>(e / 8)] >> (e % 8) & 1) != (e < size && at(e));
      std::unique_ptr<bool[]> bytes(new bool[static_cast<std::size_t>(size)]);
      spread_mask(mask, offset, size, bytes.get());
      for (Index e = 0; e < size; ++e) wrong += bytes[static_cast<std::size_t>(e)] != at(e);
      Vector x = Vector::Constant(size, 3.0), y(size);
      put_noise(Dropout{0.2, 7}, {.stream = 2}, offset, size, x.data(), y.data());
      for (Index e = 0; e < size; ++e) wrong += y[e] != (at(e) ? 3.0 / 0.8 : 0.0);
    }
  CHECK(wrong == 0);
}

TEST_CASE("pieces of a mask may be read in any order") {
  const Mask mask(0.3, 1, 0);
  const std::vector<bool> whole = kept(mask, 5 * superblock_size);
  kernels::MaskReader reader(mask);
  std::mt19937 engine(1);
  Index wrong = 0;
  for (int i = 0; i < 300; ++i) {
    const Index first = engine() % (4 * superblock_size), count = 1 + engine() % superblock_size;
    const std::uint32_t* words = reader.read(first, count);
    for (Index e = 0; e < count; ++e)
      wrong += (words[e / 32] >> (e % 32) & 1u) != whole[static_cast<std::size_t>(first + e)];
  }
  CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("dropout is the scaled mask, in place as well", T, float, double) {
  const Index size = 300'000, offset = 77;
  VectorOf<T> x = random_vector(size, 1).cast<T>(), out(size);
  x[1] = std::numeric_limits<T>::quiet_NaN();
  x[2] = -std::numeric_limits<T>::infinity();
  const Mask mask(0.5, 12, 5);
  const std::vector<bool> bits = kept(mask, size + offset);
  apply_mask(mask, T{1.7f}, offset, vector_walk(x, out));
  for (Index i : {1, 2}) {
    CHECK(std::isfinite(out[i]) == !bits[static_cast<std::size_t>(offset + i)]);
    x[i] = out[i] = 0;
  }
  const VectorOf<T> want = expected_dropout(x, bits, offset, T{1.7f});
  CHECK(out == want);
  CHECK_FALSE((want.array() == 0)
                  .select(out, T{0})
                  .unaryExpr([](T v) { return std::signbit(v) ? T{1} : T{0}; })
                  .any());
  apply_mask(mask, T{1.7f}, offset, vector_walk(x, x));
  CHECK(x == want);
}

TEST_CASE("results that go past the cache are the same") {
  const Index size = most_cached_bytes / 4 + 12'345;
  const VectorOf<float> x = VectorOf<float>::LinSpaced(size, -1, 1);
  VectorOf<float> out(size), at_once(size);
  apply_mask(Mask(0.5, 3, 0), 2.0f, 5, vector_walk(x, out));
  put_noise(Dropout{0.5, 3}, {}, 5, size, x.data(), at_once.data());
  CHECK(out == at_once);
}

TEST_CASE("a tensor may lie anywhere, and share its noise along axes") {
  const Index a = 3, b = 5, c = 700;
  const Mask mask(0.7, 2, 1);
  const std::vector<bool> bits = kept(mask, a * b * c);
  const Vector x = random_vector(2 * a * b * c, 4);
  for (int shared = 0; shared < 8; ++shared) {
    const Index mc = shared & 1 ? 0 : 1, after = shared & 1 ? 1 : c;
    const Index mb = shared & 2 ? 0 : after, ma = shared & 4 ? 0 : after * (shared & 2 ? 1 : b);
    // C order into C order, every other column into C order, Fortran order in place.
    for (const auto& [xs, os] : {std::pair{std::array{b * c, c, Index{1}}, 0},
                                 std::pair{std::array{2 * b * c, 2 * c, Index{2}}, 0},
                                 std::pair{std::array{Index{1}, a, a * b}, 1}}) {
      const std::array<Index, 3> to = os == 0 ? std::array{b * c, c, Index{1}} : xs;
      Vector out = x;
      const std::vector<Axis> axes = {
          {a, xs[0], to[0], ma}, {b, xs[1], to[1], mb}, {c, xs[2], to[2], mc}};
      apply_mask(mask, 2.0, 0, Walk<double>(axes, os == 0 ? x.data() : out.data(), out.data()));
      Index wrong = 0;
      for (Index i = 0; i < a; ++i)
        for (Index j = 0; j < b; ++j)
          for (Index k = 0; k < c; ++k) {
            const double value = x[i * xs[0] + j * xs[1] + k * xs[2]];
            const bool keep = bits[static_cast<std::size_t>(i * ma + j * mb + k * mc)];
            wrong += out[i * to[0] + j * to[1] + k * to[2]] != (keep ? 2 * value : 0.0);
          }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("dropout has the same bits for any team") {
  const Vector x = random_vector(300'000, 3);
  check_same_bits_for_any_team([&] {
    Vector out(x.size());
    apply_mask(Mask(0.8, 1, 0), 1.25, 9, vector_walk(x, out));
    return out;
  });
}

TEST_CASE("Gaussian dropout multiplies by normal numbers, and antithetic ones mirror them") {
  const Vector x = random_vector(5000, 3);
  Vector z(x.size()), out(x.size()), mirrored(x.size());
  normal_block(8, 2, 40, x.size(), z.data());
  const GaussianDropout noise{0.2, 8};
  apply_normal(noise, {.stream = 2}, 40, vector_walk(x, out));
  apply_normal(noise, {.stream = 2, .mirrored = true}, 40, vector_walk(x, mirrored));
  CHECK(relative_error(out, x.array() * (1 + 0.5 * z.array())) < 1e-15);
  CHECK(relative_error(out + mirrored, 2 * x) < 1e-15);
}
