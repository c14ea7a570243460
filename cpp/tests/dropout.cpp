#include <cmath>
#include <vector>

#include "hessopt/dropout/apply.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

namespace {

std::vector<int> kept(const Mask& mask, Index offset, Index size) {
  std::vector<int> out(static_cast<std::size_t>(size), -1);
  mask.for_each(offset, size, [&](const auto& words, Index lo, Index hi, Index at) {
    for (Index e = lo; e < hi; ++e)
      out[static_cast<std::size_t>(at + e - lo)] = (words[e / 32] >> (e % 32)) & 1u;
  });
  return out;
}

}  // namespace

TEST_CASE("any range of a mask is that part of the whole, tails of 1 to 2049 included") {
  const Mask mask(0.8, 7, 2);
  const std::vector<int> whole = kept(mask, 0, 8200);
  for (const Index offset : {0, 1, 8, 31, 2047, 2048, 3000})
    for (Index size = 1; size <= 2049; size += size < 40 ? 1 : 67) {
      const std::vector<int> part = kept(mask, offset, size);
      CHECK(std::equal(part.begin(), part.end(), whole.begin() + offset));
      std::vector<std::uint8_t> bits(static_cast<std::size_t>((size + 7) / 8), 0xff);
      mask.pack(offset, size, bits.data());
      for (std::size_t e = 0; e < 8 * bits.size(); ++e)
        CHECK(((bits[e / 8] >> (e % 8)) & 1) == (e < part.size() ? part[e] : 0));
    }
}

TEST_CASE_TEMPLATE("dropout is the scaled mask, in place as well", T, float, double) {
  const Dropout noise{0.3, 11};
  const Index size = 300'000;
  VectorOf<T> x = random_vector(size, 1).cast<T>();
  x[1] = std::numeric_limits<T>::quiet_NaN();
  x[2] = -std::numeric_limits<T>::infinity();
  VectorOf<T> out(size);
  dropout(noise, 5, size, x.data(), out.data());
  const std::vector<int> mask = kept(Mask(0.7, 11, 5), 0, size);
  Index wrong = 0;
  for (Index i = 0; i < size; ++i) {
    const bool keep = mask[static_cast<std::size_t>(i)] != 0;
    if (!keep && (out[i] != 0 || std::signbit(out[i]))) ++wrong;
    if (keep && std::isfinite(x[i]) && out[i] != x[i] * static_cast<T>(1 / 0.7)) ++wrong;
  }
  CHECK(wrong == 0);

  VectorOf<T> part(1000);
  dropout_block(noise, 5, false, 1234, 1000, x.data() + 1234, part.data());
  CHECK(part == out.segment(1234, 1000));
  x.tail(size - 3) = x.tail(size - 3).eval();
  const VectorOf<T> want = out;
  dropout(noise, 5, size, x.data(), x.data());
  CHECK(x.tail(size - 3) == want.tail(size - 3));
}

TEST_CASE("dropout has the same bits for any team") {
  const Vector x = random_vector(300'000, 3);
  check_same_bits_for_any_team([&] {
    Vector out(x.size());
    dropout(Dropout{0.2, 1}, 0, x.size(), x.data(), out.data());
    return out;
  });
}
