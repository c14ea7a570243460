#include "hessopt/dropout/apply.hpp"

#include <cmath>

namespace hessopt {

template <Real T>
void apply_mask(const Mask& mask, T scale, Index offset, const Walk<T>& tensor) {
  tensor.run([&](const kernels::Pass<T>& pass, Index begin, Index end) {
    kernels::dropout<T>().apply_mask(pass, begin, end, mask, offset, scale);
  });
}
template void apply_mask(const Mask&, float, Index, const Walk<float>&);
template void apply_mask(const Mask&, double, Index, const Walk<double>&);

template <Real T>
void apply_normal(const GaussianDropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                  const Walk<T>& tensor) {
  const double deviation = (antithetic ? -1 : 1) * std::sqrt(noise.variance());
  tensor.run([&](const kernels::Pass<T>& pass, Index begin, Index end) {
    kernels::dropout<T>().apply_normal(pass, begin, end, {noise.seed, stream}, offset, deviation);
  });
}
template void apply_normal(const GaussianDropout&, std::uint32_t, bool, Index, const Walk<float>&);
template void apply_normal(const GaussianDropout&, std::uint32_t, bool, Index, const Walk<double>&);

}  // namespace hessopt
