#include "hessopt/expectation/noise_samples.hpp"

#include <string>
#include <utility>

#include "hessopt/core/error.hpp"

namespace hessopt {

NoiseSamples::NoiseSamples(const Noise& law, Index count, bool antithetic)
    : law_(law), count_(count), antithetic_(antithetic) {
  require(count >= 1, "n_samples", std::to_string(count), "an integer >= 1");
  require(!antithetic || count % 2 == 0, "n_samples", std::to_string(count), "an even number");
}

NoiseSamples::NoiseSamples(const Noise& law, std::shared_ptr<const NetPoints> points)
    : NoiseSamples(law, points->rows()) {
  net_ = std::move(points);
}

Draw NoiseSamples::draw_of(Index k) const {
  if (net_) return {.net = net_->row(k).data(), .net_cols = net_->cols()};
  return sample_of(k, antithetic_);
}

template <Real T>
void NoiseSamples::apply(Index k, Index offset, Index size, const T* x, T* out) const {
  put_noise(law_, draw_of(k), offset, size, x, out);
}
template void NoiseSamples::apply(Index, Index, Index, const float*, float*) const;
template void NoiseSamples::apply(Index, Index, Index, const double*, double*) const;

void NoiseSamples::apply_at(Index k, const kernels::Scattered& at, double* x) const {
  put_noise_at(law_, draw_of(k), at, x);
}

}  // namespace hessopt
