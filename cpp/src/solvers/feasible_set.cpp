#include "hessopt/solvers/feasible_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hessopt/core/error.hpp"
#include "hessopt/linalg/vector_ops.hpp"

namespace hessopt {
namespace {

// The nearest number of T that is no farther out.
template <Real T>
T rounded_up(double bound) {
  const T near = static_cast<T>(bound);
  const bool is_below = static_cast<double>(near) < bound;
  return is_below ? std::nextafter(near, std::numeric_limits<T>::infinity()) : near;
}

}  // namespace

template <Real T>
FeasibleSet<T>::FeasibleSet(const Vector& lower, const Vector& upper) {
  require_size("upper", upper.size(), lower.size());
  constexpr double inf = std::numeric_limits<double>::infinity();
  if ((lower.array() == -inf).all() && (upper.array() == inf).all()) return;
  lower_.resize(lower.size());
  upper_.resize(lower.size());
  for (Index j = 0; j < lower.size(); ++j) {
    const bool is_range = lower[j] <= upper[j] && lower[j] < inf && upper[j] > -inf;
    require(is_range, "lower", std::to_string(lower[j]) + " at " + std::to_string(j),
            "one that is no higher than upper");
    lower_[j] = rounded_up<T>(lower[j]);
    upper_[j] = -rounded_up<T>(-upper[j]);
    if (lower_[j] > upper_[j]) lower_[j] = upper_[j] = static_cast<T>(lower[j]);
  }
}

template <Real T>
double FeasibleSet<T>::half_diagonal(const Free& free) const {
  Vector sides = (upper_ - lower_).template cast<double>();
  for (Index j = 0; j < sides.size(); ++j)
    if (!free[j]) sides[j] = 0;
  return sides.allFinite() ? 0.5 * norm(sides) : std::numeric_limits<double>::infinity();
}

template <Real T>
void FeasibleSet<T>::project(VectorOf<T>& x) const {
  if (is_whole()) return;
  for_blocks(x.size(), [&](Index begin, Index size) {
    for (Index j = begin; j < begin + size; ++j) x[j] = std::clamp(x[j], lower_[j], upper_[j]);
  });
}

template <Real T>
Free FeasibleSet<T>::free(const VectorOf<T>& x, ConstVectorRefOf<T> g) const {
  Free out(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    for (Index j = begin; j < begin + size; ++j) out[j] = holds(j, x[j], g[j]) == 0;
  });
  return out;
}

template <Real T>
VectorOf<T> FeasibleSet<T>::left(const VectorOf<T>& x, ConstVectorRefOf<T> g) const {
  VectorOf<T> out(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    for (Index j = begin; j < begin + size; ++j) out[j] = holds(j, x[j], g[j]) == 0 ? g[j] : T(0);
  });
  return out;
}

template <Real T>
bool FeasibleSet<T>::keep_inside(const VectorOf<T>& x, VectorOf<T>& d) const {
  bool was_cut = false;
  for (Index j = 0; j < lower_.size(); ++j) {
    if (!((x[j] <= lower_[j] && d[j] < 0) || (x[j] >= upper_[j] && d[j] > 0))) continue;
    d[j] = 0;
    was_cut = true;
  }
  return was_cut;
}

template <Real T>
void FeasibleSet<T>::change_variables(const Variables& variables) {
  if (is_whole()) return;
  for (VectorOf<T>* bound : {&lower_, &upper_})
    *bound = variables.bound_to_z(bound->template cast<double>()).template cast<T>();
}

template <Real T>
bool FeasibleSet<T>::valid(Index n) const {
  return lower_.size() == upper_.size() && (is_whole() || lower_.size() == n) &&
         (lower_.array() <= upper_.array()).all();
}

template class FeasibleSet<float>;
template class FeasibleSet<double>;

}  // namespace hessopt
