#include "hessopt/solvers/projected_path.hpp"

#include <algorithm>

#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {

template <Real T>
Kinks ProjectedPath<T>::kinks() const {
  if (box.is_whole()) return {};
  Kinks out{.last = 0};
  for (Index j = 0; j < x.size(); ++j) {
    if (d[j] == 0) continue;
    const double a = box.kink(j, x[j], d[j]);
    out.first = std::min(out.first, a);
    out.last = std::max(out.last, a);
  }
  return out;
}

template <Real T>
void ProjectedPath<T>::point(double a, VectorOf<T>& out) const {
  combine(1, x, a, d, out);
  if (box.is_whole()) return;
  for_blocks(x.size(), [&](Index begin, Index size) {
    for (Index j = begin; j < begin + size; ++j) {
      if (box.kink(j, x[j], d[j]) <= a)
        out[j] = d[j] > 0 ? box.upper()[j] : box.lower()[j];
      else
        out[j] = std::clamp(out[j], box.lower()[j], box.upper()[j]);
    }
  });
}

template <Real T>
Slopes ProjectedPath<T>::slopes(const Kinks& kinks, double a, ConstVectorRefOf<T> g) const {
  if (box.is_whole() || a < kinks.first) {
    const double slope = dot(g, d);
    return {slope, slope};
  }
  VectorOf<T> moving(x.size()), stopping(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    for (Index j = begin; j < begin + size; ++j) {
      const double kink = box.kink(j, x[j], d[j]);
      moving[j] = kink > a ? d[j] : T(0);
      stopping[j] = kink == a ? d[j] : T(0);
    }
  });
  const double after = dot(g, moving);
  return {after + dot(g, stopping), after};
}

template struct ProjectedPath<float>;
template struct ProjectedPath<double>;

}  // namespace hessopt
