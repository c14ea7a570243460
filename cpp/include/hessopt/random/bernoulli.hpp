// Bernoulli bits of any probability, 2048 at a time, by lazy comparison of bit planes.
//
// Element e is one iff U_e < p, where U_e = 0.U0 U1 U2 ... in binary is read from the planes, most
// significant first, and compared with the digits of T = floor(p 2^64). A superblock stops when no
// element is undecided or the digits left are all zero: t planes for a dyadic p of t digits, about
// 12 for any other, and P(one) = p to 2^-64.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "hessopt/core/error.hpp"
#include "hessopt/random/stream.hpp"

namespace hessopt {

class Bernoulli {
 public:
  explicit Bernoulli(double p) : certain_(p == 1.0) {
    require(p >= 0.0 && p <= 1.0, "keep", std::to_string(p), "a probability in [0, 1]");
    if (certain_) return;
    digits_ = static_cast<std::uint64_t>(std::ldexp(p, 64));
    planes_ = digits_ == 0 ? 0 : 64 - std::countr_zero(digits_);
  }

  // On its own: inlined into the loop of dropout it ran at a quarter of the speed (GCC 12).
  HESSOPT_NOINLINE void superblock(const Stream& stream, std::uint64_t index,
                                   std::uint32_t (&ones)[superblock_words]) const {
    std::uint32_t undecided[superblock_words], random[superblock_words];
    for (int w = 0; w < superblock_words; ++w) {
      undecided[w] = ~0u;
      ones[w] = certain_ ? ~0u : 0u;
    }
    std::uint32_t left = ~0u;
    for (int q = 0; q < planes_ && left != 0; ++q) {
      stream.plane(index, static_cast<std::uint32_t>(q), random);
      // Where the digit of p is 1, a random 0 decides U < p; where it is 0, a random 1 decides U >
      // p.
      const std::uint32_t digit = (digits_ >> (63 - q)) & 1u ? ~0u : 0u;
      left = 0;
      for (int w = 0; w < superblock_words; ++w) {
        ones[w] |= undecided[w] & ~random[w] & digit;
        undecided[w] &= ~(random[w] ^ digit);
        left |= undecided[w];
      }
    }
  }

 private:
  bool certain_;
  std::uint64_t digits_ = 0;
  int planes_ = 0;
};

}  // namespace hessopt
