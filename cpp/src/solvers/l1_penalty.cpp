#include "hessopt/solvers/l1_penalty.hpp"

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/l1_quadratic.hpp"

namespace hessopt {

L1Penalty::L1Penalty(Vector strengths, Index n) : l1_(std::move(strengths)) {
  if (l1_.size() == 1) l1_ = Vector::Constant(n, l1_[0]);
  require_size("l1", l1_.size(), n);
  for (const double one : l1_)
    require(std::isfinite(one) && one >= 0, "l1", text(one), "finite numbers >= 0");
}

template <Real T>
VectorOf<T> L1Penalty::left(ConstVectorRefOf<T> x, ConstVectorRefOf<T> g) const {
  VectorOf<T> out(x.size());
  for (Index i = 0; i < x.size(); ++i)
    out[i] = static_cast<T>(
        pseudo_gradient(static_cast<double>(x[i]), static_cast<double>(g[i]), l1_[i]));
  return out;
}

template <Real T>
Index L1Penalty::n_nonzero(const VectorOf<T>& x) const {
  Index count = 0;
  for (Index i = 0; i < x.size(); ++i) count += is_penalised(i) && x[i] != 0;
  return count;
}

#define HESSOPT_L1_OF(T)                                                                \
  template VectorOf<T> L1Penalty::left(ConstVectorRefOf<T>, ConstVectorRefOf<T>) const; \
  template Index L1Penalty::n_nonzero(const VectorOf<T>&) const;
HESSOPT_L1_OF(float)
HESSOPT_L1_OF(double)
#undef HESSOPT_L1_OF

}  // namespace hessopt
