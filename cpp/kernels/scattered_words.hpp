// Words of Philox4x32-10 at counters anywhere, many at a time.
#pragma once

#include <cstdint>

#include "hessopt/kernels/random.hpp"
#include "hessopt/random/philox.hpp"
#include "philox_rounds.hpp"

namespace hessopt::kernels {
namespace {

class ScatteredWords {
 public:
  static constexpr int chains = 4;  // registers that go through the rounds in step
  static constexpr int size = chains * Lanes::cells;

  explicit ScatteredWords(const Stream& stream) : philox_(stream.seed), stream_(stream.stream) {}

  // Words 0 .. 3 of the counters (lo32(n), hi32(n), q, stream) of `size` numbers n, in the even
  // places of each row.
  EIGEN_ALWAYS_INLINE void draw(const std::uint64_t* n, std::uint32_t q,
                                std::uint32_t (&words)[4][2 * size]) const {
    Lanes a[chains], b[chains], c[chains], d[chains];
    for (int i = 0; i < chains; ++i) {
      a[i] = Lanes::load(n + i * Lanes::cells);
      b[i] = high(a[i]);
      c[i] = Lanes::fill(q);
      d[i] = Lanes::fill(stream_);
    }
    finish_rounds<0>(philox_, a, b, c, d);
    for (int i = 0; i < chains; ++i) {
      a[i].store(words[0] + 2 * Lanes::cells * i);
      b[i].store(words[1] + 2 * Lanes::cells * i);
      c[i].store(words[2] + 2 * Lanes::cells * i);
      d[i].store(words[3] + 2 * Lanes::cells * i);
    }
  }

 private:
  Philox philox_;
  std::uint32_t stream_;
};

}  // namespace
}  // namespace hessopt::kernels
