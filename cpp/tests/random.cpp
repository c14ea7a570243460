#include "hessopt/core/error.hpp"
#include "hessopt/random/bernoulli.hpp"
#include "hessopt/random/normal.hpp"
#include "hessopt/random/philox.hpp"
#include "witness.hpp"

using namespace hessopt;

// Published with Random123 as kat_vectors, philox4x32 with 10 rounds.
TEST_CASE("Philox gives the published vectors") {
  using Words = std::array<std::uint32_t, 4>;
  const auto key = [](std::uint64_t low, std::uint64_t high) { return Philox(low | high << 32); };
  CHECK(key(0, 0)({0, 0, 0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(key(~0u, ~0u)({~0u, ~0u, ~0u, ~0u}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(key(0xa4093822, 0x299f31d0)({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

namespace {

// Plane q of a superblock by the definition, a counter at a time.
std::vector<std::uint32_t> plane(const Stream& stream, std::uint64_t superblock, std::uint32_t q) {
  std::vector<std::uint32_t> words(superblock_words);
  for (std::uint32_t l = 0; l < 16; ++l) {
    const std::uint64_t n = 16 * superblock + l;
    const auto x = Philox(stream.seed)({Philox::low(n), Philox::high(n), q, stream.stream});
    for (std::uint32_t i = 0; i < 4; ++i) words[16 * i + l] = x[i];
  }
  return words;
}

}  // namespace

TEST_CASE("a register of lanes gives what single counters give") {
  const Stream stream{0x123456789abcdef0u, 77};
  for (const std::uint64_t s : {std::uint64_t{0}, std::uint64_t{5}, (std::uint64_t{1} << 28) - 1,
                                std::uint64_t{1} << 28, std::uint64_t{1} << 40})
    for (const std::uint32_t q : {0u, 3u, 1u << 31}) {
      std::vector<std::uint32_t> words(superblock_words);
      kernels::random().plane(stream, s, q, words.data());
      CHECK(words == plane(stream, s, q));
    }
}

TEST_CASE("a bit is one iff its 64 random digits are below those of p") {
  const Stream stream{42, 1};
  for (const double p : {0.0, 0x1p-64, 0x1p-20, 0.1, 0.5, 0.75, 0.8, 1 - 0x1p-53, 1.0})
    for (const bool antithetic : {false, true}) {
      std::uint32_t ones[superblock_words];
      kernels::random().superblock({Bernoulli(p, antithetic), stream}, 9, ones);
      std::uint64_t uniform[superblock_size] = {};
      for (std::uint32_t q = 0; q < 64; ++q) {
        const auto words = plane(stream, 9, q);
        for (std::size_t e = 0; e < superblock_size; ++e)
          uniform[e] = uniform[e] << 1 | ((words[e / 32] >> (e % 32)) & 1u);
      }
      Index wrong = 0;
      for (Index e = 0; e < superblock_size; ++e) {
        const std::uint64_t u = antithetic ? ~uniform[e] : uniform[e];
        const bool below = p == 1.0 || u < static_cast<std::uint64_t>(std::ldexp(p, 64));
        wrong += (((ones[e / 32] >> (e % 32)) & 1u) != 0) != below;
      }
      CHECK(wrong == 0);
    }
}

TEST_CASE("a random bit is drawn where it may matter and no more") {
  const auto bits_per_element = [](double p) {
    std::uint32_t ones[superblock_words];
    Index drawn = 0;
    for (std::uint64_t s = 0; s < 512; ++s)
      drawn += kernels::random().superblock({Bernoulli(p), {5, 0}}, s, ones);
    return static_cast<double>(drawn) / (512 * superblock_size);
  };
  CHECK(bits_per_element(0) == 0);
  CHECK(bits_per_element(1) == 0);
  CHECK(bits_per_element(0.5) == 1);
  CHECK(bits_per_element(0.8125) == 4);
  for (const double p : {0.1, 0.2, 0.8, 0.999}) CHECK(bits_per_element(p) < 12.5);
}

TEST_CASE("a probability outside [0, 1] is refused") {
  for (const double p : {-0.1, 1.5, std::nan(""), HUGE_VAL})
    CHECK_THROWS_AS(Bernoulli{p}, ArgumentError);
}

TEST_CASE("normal numbers are a function of their index") {
  std::vector<double> whole(5000);
  normal_block(3, 1, 0, 5000, whole.data());
  double mean = 0, square = 0;
  for (const double z : whole) mean += z / 5000, square += z * z / 5000;
  CHECK(std::abs(mean) < 5 / std::sqrt(5000.0));
  CHECK(std::abs(square - 1) < 5 * std::sqrt(2 / 5000.0));
  for (const Index offset : {0, 1, 15, 16, 1000})
    for (const Index size : {1, 15, 16, 17, 333}) {
      std::vector<double> part(static_cast<std::size_t>(size));
      normal_block(3, 1, offset, size, part.data());
      CHECK(std::equal(part.begin(), part.end(), whole.begin() + offset));
      std::vector<float> narrow(part.size());
      normal_block(3, 1, offset, size, narrow.data());
      for (std::size_t i = 0; i < part.size(); ++i) CHECK(narrow[i] == static_cast<float>(part[i]));
    }
}
