// phi(u) and Phi(u) of the standard normal law, sixteen at a time and from one exponential:
//   Phi(-z) = e^(-z^2/2) m(z), z >= 0, with Mills' ratio m over sqrt(2 pi) as a quotient of
// polynomials of degree 9 and 10, whose numbers are all positive. It interpolates m at 20 points of
// [0, 39] and is good to 1e-16; past 37.5 the exponential, 1e-305, counts as 0.
#pragma once

#include "hessopt/losses/chunk.hpp"

namespace hessopt {

struct NormalLaw {
  Chunk density, below;
};

// m(z) / sqrt(2 pi) for z in [0, 39] is above / under.
struct MillsRatio {
  Chunk above, under;
};

EIGEN_ALWAYS_INLINE MillsRatio mills_ratio(const Chunk& z) {
  constexpr double p[] = {0.4999999999999999849,      0.77585772090300019271,
                          0.59544467196938031747,     0.29031329314335410588,
                          0.098130895965834512086,    0.023751350888201744425,
                          0.0041159830172124251599,   0.00049415067064288156605,
                          0.000037579165358709895273, 1.3993048118643565788e-6};
  constexpr double q[] = {1.0,
                          2.3496000026088591598,
                          2.5655989100829701896,
                          1.7188398648147019836,
                          0.78480131625423712073,
                          0.25610651306627150784,
                          0.060767445051094208471,
                          0.01041143639733171661,
                          0.0012421595801411335023,
                          0.000094196998423354649251,
                          3.5075370062550254425e-6};
  MillsRatio out{Chunk::Constant(p[9]), q[10] * z + q[9]};
  for (int k = 8; k >= 0; --k) {
    out.above = out.above * z + p[k];
    out.under = out.under * z + q[k];
  }
  return out;
}

EIGEN_ALWAYS_INLINE NormalLaw standard_normal(const Chunk& u) {
  const Chunk zero = Chunk::Zero(), end = Chunk::Constant(37.5);
  const Chunk z = u.abs().min(37.6);
  const Chunk e = detail::where_less(end, z, zero, detail::exponential_in_range(-0.5 * z * z));
  const auto [above, under] = mills_ratio(z);
  const Chunk tail = e * above / under;
  return {0.39894228040143267794 * e, detail::where_less(u, zero, tail, 1.0 - tail)};
}

}  // namespace hessopt
