// Some coordinates of vectors, in increasing order: what lies on them, gathered into a vector of
// their number, and the way back.
#pragma once

#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

using Coordinates = std::vector<Index>;

inline Index count(const Coordinates& c) { return static_cast<Index>(c.size()); }

// Those for which a flag is set.
inline Coordinates where(const Eigen::Array<bool, Eigen::Dynamic, 1>& flags) {
  Coordinates out;
  for (Index j = 0; j < flags.size(); ++j)
    if (flags[j]) out.push_back(j);
  return out;
}

// unit v on them, in float64.
template <Real T>
Vector gathered(double unit, ConstVectorRefOf<T> v, const Coordinates& on);
// out = unit v on them, else 0; `out` has its size.
template <Real T>
void scatter(double unit, const Vector& v, const Coordinates& on, VectorOf<T>& out);
// The same as a vector of `size` numbers.
inline Vector scattered(const Vector& v, const Coordinates& on, Index size) {
  Vector out(size);
  scatter(1, v, on, out);
  return out;
}

}  // namespace hessopt
