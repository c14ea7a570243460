#include "hessopt/random/bernoulli.hpp"
#include "hessopt/random/normal.hpp"
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

TEST_CASE("sixteen lanes are sixteen single counters") {
  const Stream stream{0x123456789abcdef0u, 77};
  for (const std::uint64_t s : {std::uint64_t{0}, std::uint64_t{5}, (std::uint64_t{1} << 28) - 1,
                                std::uint64_t{1} << 28, std::uint64_t{1} << 40}) {
    std::uint32_t words[superblock_words];
    stream.plane(s, 3, words);
    for (std::uint32_t l = 0; l < 16; ++l) {
      const std::uint64_t n = 16 * s + l;
      const auto x = Philox(stream.seed)(
          {static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 3, stream.stream});
      for (std::uint32_t i = 0; i < 4; ++i) CHECK(words[16 * i + l] == x[i]);
    }
  }
}

TEST_CASE("a bit is one iff its 64 random digits are below those of p") {
  const Stream stream{42, 1};
  for (const double p : {0.0, 0x1p-64, 0x1p-20, 0.1, 0.5, 0.75, 0.8, 1 - 0x1p-53, 1.0}) {
    std::uint32_t ones[superblock_words];
    Bernoulli(p).superblock(stream, 9, ones);
    std::uint64_t uniform[superblock_size] = {};
    for (std::uint32_t q = 0; q < 64; ++q) {
      std::uint32_t plane[superblock_words];
      stream.plane(9, q, plane);
      for (Index e = 0; e < superblock_size; ++e)
        uniform[e] = uniform[e] << 1 | ((plane[e / 32] >> (e % 32)) & 1u);
    }
    for (Index e = 0; e < superblock_size; ++e) {
      const bool below = p == 1.0 || uniform[e] < static_cast<std::uint64_t>(std::ldexp(p, 64));
      CHECK((((ones[e / 32] >> (e % 32)) & 1u) != 0) == below);
    }
  }
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
