#include "hessopt/dropout/many_masks.hpp"

#include <algorithm>
#include <string>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {

template <Real T>
void dropout_samples(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* out) {
  const Cut parts{size, 64 * superblock_size};
  const Index share = std::max<Index>(1, parts.step / std::max<Index>(size, 1));
  parallel_for(
      parts.count() * samples,
      [&](Index task) {
        const Index part = task / samples, k = task % samples, begin = parts.begin(part);
        put_noise<T>(noise, {.stream = stream + static_cast<std::uint32_t>(k)}, begin,
                     parts.size(part), x + begin, out + k * size + begin);
      },
      share);
}
template void dropout_samples(const Dropout&, std::uint32_t, Index, Index, const float*, float*);
template void dropout_samples(const Dropout&, std::uint32_t, Index, Index, const double*, double*);

template <Real T>
void dropout_moments(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* mean, T* variance) {
  require(samples >= 2 && samples < (Index{1} << 31), "n_samples", std::to_string(samples),
          "an integer in [2, 2**31)");
  const Mask first(noise.keep(), noise.seed, stream);
  const T scale = static_cast<T>(noise.factor_of_kept());
  const Cut blocks{size, superblock_size};
  parallel_for(blocks.count(), [&](Index s) {
    const Index at = blocks.begin(s);
    require_done(kernels::dropout<T>().moments(first, samples, static_cast<std::uint64_t>(s), scale,
                                               blocks.size(s), x + at, mean + at, variance + at,
                                               &poll_in_kernel));
  });
}
template void dropout_moments(const Dropout&, std::uint32_t, Index, Index, const float*, float*,
                              float*);
template void dropout_moments(const Dropout&, std::uint32_t, Index, Index, const double*, double*,
                              double*);

}  // namespace hessopt
