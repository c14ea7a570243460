// Bernoulli bits of any probability, 2048 at a time, by lazy comparison of bit planes.
//
// Element e is one iff U_e < p, where U_e = 0.U0 U1 U2 ... in binary is read from the planes, most
// significant first, and compared with the digits of T = floor(p 2^64). Lanes that a register holds
// stop when none of their elements is undecided or the digits left are all zero: t planes for a
// dyadic p of t digits, about 12 for any other, and P(one) = p to 2^-64.
//
// The antithetic bits are those of the complement of U, ~U < T, which is not U < 2^64 - T: they
// have the same law and take no other random numbers.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "hessopt/core/error.hpp"
#include "hessopt/random/stream.hpp"

namespace hessopt {

class Bernoulli {
 public:
  explicit Bernoulli(double p, bool antithetic = false) {
    require(p >= 0.0 && p <= 1.0, "keep", std::to_string(p), "a probability in [0, 1]");
    const bool certain = p == 1.0;
    digits_ = certain ? 0 : static_cast<std::uint64_t>(std::ldexp(p, 64));
    planes_ = digits_ == 0 ? 0 : 64 - std::countr_zero(digits_);
    inverted_ = certain || (antithetic && digits_ != 0);
    if (antithetic) digits_ = -digits_;
  }

  // Bits of the elements 2048 index + 32 w + b in ones[w]. Returns how many random bits were drawn.
  HESSOPT_NOINLINE Index superblock(const Stream& stream, std::uint64_t index,
                                    std::uint32_t* ones) const {
    Index drawn = 0;
    for (int lane = 0; lane < superblock_lanes; lane += PhiloxLanes::size)
      drawn += some_lanes(stream.lanes(index, lane), ones + lane);
    return drawn;
  }

 private:
  // Words 16 i + l, i = 0..3, of the lanes l that are drawn together.
  EIGEN_ALWAYS_INLINE Index some_lanes(const PhiloxLanes& lanes, std::uint32_t* ones) const {
    constexpr int registers = PhiloxLanes::registers;
    Lanes one[4][registers], undecided[4][registers], random[4][registers];
    for (int i = 0; i < 4; ++i)
      for (int r = 0; r < registers; ++r) {
        one[i][r] = Lanes::fill(inverted_ ? ~0u : 0u);
        undecided[i][r] = Lanes::fill(~0u);
      }
    int q = 0;
    for (bool left = true; left && q < planes_; ++q) {
      lanes(static_cast<std::uint32_t>(q), random);
      // Where the digit of p is 1, a random 0 decides U < p; where it is 0, a random 1 decides that
      // U > p.
      const bool digit = (digits_ >> (63 - q) & 1) != 0;
      Lanes any = Lanes::fill(0);
      for (int i = 0; i < 4; ++i)
        for (int r = 0; r < registers; ++r) {
          const Lanes zero = without(undecided[i][r], random[i][r]);
          if (digit) {
            one[i][r] = one[i][r] ^ zero;
            undecided[i][r] = undecided[i][r] ^ zero;
          } else {
            undecided[i][r] = zero;
          }
          any = any | undecided[i][r];
        }
      left = any.any();
    }
    for (int i = 0; i < 4; ++i) PhiloxLanes::store(one[i], ones + superblock_lanes * i);
    return 128 * Index{q} * PhiloxLanes::size;
  }

  std::uint64_t digits_;
  int planes_;     // the digits after these are zero
  bool inverted_;  // ones and zeros are exchanged
};

}  // namespace hessopt
