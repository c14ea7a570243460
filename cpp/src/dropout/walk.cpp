#include "hessopt/dropout/walk.hpp"

#include <algorithm>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/random/stream.hpp"

namespace hessopt {
namespace detail {

// Whether an axis and one inside it are one long axis.
bool continues(const Axis& outer, const Axis& inner) {
  return outer.x_stride == inner.size * inner.x_stride &&
         outer.out_stride == inner.size * inner.out_stride &&
         outer.mask_stride == inner.size * inner.mask_stride;
}

// As few axes as the strides allow, outermost first; at least one.
std::vector<Axis> merged(const std::vector<Axis>& axes) {
  std::vector<Axis> out;
  for (const Axis& axis : axes) {
    if (axis.size == 1) continue;
    if (!out.empty() && continues(out.back(), axis))
      out.back() = {out.back().size * axis.size, axis.x_stride, axis.out_stride, axis.mask_stride};
    else
      out.push_back(axis);
  }
  if (out.empty()) out.push_back({1, 1, 1, 1});
  return out;
}

}  // namespace detail

template <Real T>
Walk<T>::Walk(const std::vector<Axis>& axes, const T* x, T* out)
    : axes_(detail::merged(axes)), x_(x), out_(out), rows_(1) {
  for (const Axis& axis : axes_) rows_ *= axis.size;
  const Axis& inner = axes_.back();
  streams_ = x != out && inner.out_stride == 1 && rows_ * Index{sizeof(T)} > most_cached_bytes;
  if (rows_ != 0) rows_ /= inner.size;
}

template <Real T>
void Walk<T>::run(FunctionRef<void(const kernels::Pass<T>&, Index, Index)> kernel) const {
  if (rows_ == 0) return;
  const Index inner = axes_.back().size;
  // One piece more than fit, for the first may be short.
  const Cut pieces{inner + kernels::line_bytes / Index{sizeof(T)} - 1, superblock_size};
  const kernels::Pass<T> pass{
      axes_.data(), static_cast<Index>(axes_.size()), pieces.count(), x_, out_, streams_};
  const Cut tasks{rows_ * pieces.count(), elements_per_task / std::min(inner, superblock_size)};
  parallel_for(tasks.count(),
               [&](Index t) { kernel(pass, tasks.begin(t), tasks.begin(t) + tasks.size(t)); });
}

template class Walk<float>;
template class Walk<double>;

}  // namespace hessopt
