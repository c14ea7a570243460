#include "hessopt/expectation/noise_samples.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "hessopt/core/error.hpp"
#include "hessopt/dropout/mask.hpp"

namespace hessopt {
namespace detail {

// Which numbers a sample has of one law.
struct SampleAt {
  std::uint32_t stream;
  bool mirrored;
  const std::uint32_t* net;  // its point, or null
  Index net_cols;
  Index offset, size;
};

// Dropout and DropConnect.
template <class Law, Real T>
  requires requires(const Law& law) { law.keep(); }
void write_noisy(const Law& law, const SampleAt& at, const T* x, T* out) {
  const auto& table = kernels::dropout<T>();
  const T scale = static_cast<T>(1.0 / law.keep());
  if (at.net == nullptr)
    return table.dropout(Mask(law.keep(), law.seed, at.stream, at.mirrored), at.offset, at.size,
                         scale, x, out);
  const double below = std::clamp(std::round(std::ldexp(law.keep(), 32)), 1.0, 0x1p32);
  table.net_dropout({at.net, at.net_cols, law.seed}, at.offset, at.size,
                    static_cast<std::uint32_t>(below - 1), scale, x, out);
}
template <Real T>
void write_noisy(const GaussianDropout& law, const SampleAt& at, const T* x, T* out) {
  const auto& table = kernels::dropout<T>();
  const double deviation = std::sqrt(law.variance());
  if (at.net == nullptr)
    table.gaussian_dropout({law.seed, at.stream}, at.offset, at.size,
                           at.mirrored ? -deviation : deviation, x, out);
  else
    table.net_gaussian_dropout({at.net, at.net_cols, law.seed}, at.offset, at.size, deviation, x,
                               out);
}
template <Real T>
void write_noisy(const GaussianNoise& law, const SampleAt& at, const T* x, T* out) {
  const auto& table = kernels::dropout<T>();
  if (at.net == nullptr)
    table.gaussian_noise({law.seed, at.stream}, at.offset, at.size,
                         at.mirrored ? -law.scale : law.scale, x, out);
  else
    table.net_gaussian_noise({at.net, at.net_cols, law.seed}, at.offset, at.size, law.scale, x,
                             out);
}

}  // namespace detail

NoiseSamples::NoiseSamples(const Noise& law, Index count, bool antithetic)
    : law_(law), count_(count), antithetic_(antithetic) {
  require(count >= 1, "n_samples", std::to_string(count), "an integer >= 1");
  require(!antithetic || count % 2 == 0, "n_samples", std::to_string(count), "an even number");
}

NoiseSamples::NoiseSamples(const Noise& law, std::shared_ptr<const NetPoints> points)
    : NoiseSamples(law, points->rows()) {
  net_ = std::move(points);
}

template <Real T>
void NoiseSamples::apply(Index k, Index offset, Index size, const T* x, T* out) const {
  const detail::SampleAt at{
      .stream = static_cast<std::uint32_t>(antithetic_ ? k / 2 : k),
      .mirrored = antithetic_ && k % 2 == 1,
      .net = net_ ? net_->row(k).data() : nullptr,
      .net_cols = net_ ? net_->cols() : 0,
      .offset = offset,
      .size = size,
  };
  std::visit([&](const auto& law) { detail::write_noisy(law, at, x, out); }, law_);
}
template void NoiseSamples::apply(Index, Index, Index, const float*, float*) const;
template void NoiseSamples::apply(Index, Index, Index, const double*, double*) const;

}  // namespace hessopt
