#include "hessopt/dropout/mask.hpp"

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace detail {

// write(begin, count) for parts of a mask, all threads.
void for_each_part(Index size, FunctionRef<void(Index, Index)> write) {
  const Cut tasks{size, elements_per_task};
  parallel_for(tasks.count(), [&](Index t) { write(tasks.begin(t), tasks.size(t)); });
}

}  // namespace detail

void pack_mask(const Mask& mask, Index offset, Index size, std::uint8_t* out) {
  detail::for_each_part(size, [&](Index begin, Index count) {
    kernels::random().pack(mask, offset + begin, count, out + begin / 8);
  });
}

void spread_mask(const Mask& mask, Index offset, Index size, bool* out) {
  detail::for_each_part(size, [&](Index begin, Index count) {
    kernels::random().spread(mask, offset + begin, count, out + begin);
  });
}

template <Real T>
void mask_numbers(const Mask& mask, Index offset, Index size, T* out) {
  detail::for_each_part(size, [&](Index begin, Index count) {
    kernels::dropout<T>().numbers(mask, offset + begin, count, T{1}, out + begin);
  });
}
template void mask_numbers(const Mask&, Index, Index, float*);
template void mask_numbers(const Mask&, Index, Index, double*);

}  // namespace hessopt
