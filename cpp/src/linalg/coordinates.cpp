#include "hessopt/linalg/coordinates.hpp"

#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
Vector gathered(double unit, ConstVectorRefOf<T> v, const Coordinates& on) {
  Vector out(count(on));
  for_blocks(out.size(), [&](Index begin, Index size) {
    for (Index k = begin; k < begin + size; ++k)
      out[k] = unit * static_cast<double>(v[on[static_cast<std::size_t>(k)]]);
  });
  return out;
}

template <Real T>
void scatter(double unit, const Vector& v, const Coordinates& on, VectorOf<T>& out) {
  out.setZero();
  for_blocks(v.size(), [&](Index begin, Index size) {
    for (Index k = begin; k < begin + size; ++k)
      out[on[static_cast<std::size_t>(k)]] = static_cast<T>(unit * v[k]);
  });
}

template Vector gathered<float>(double, ConstVectorRefOf<float>, const Coordinates&);
template Vector gathered<double>(double, ConstVectorRefOf<double>, const Coordinates&);
template void scatter(double, const Vector&, const Coordinates&, VectorOf<float>&);
template void scatter(double, const Vector&, const Coordinates&, VectorOf<double>&);

}  // namespace hessopt
