#include "hessopt/dropout/apply.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/error.hpp"

namespace hessopt {
namespace {

template <class Law>
double deviation_of(const Law& law, const Draw& draw) {
  return draw.mirrored ? -law.deviation() : law.deviation();
}
template <class Law>
kernels::NetPoint point_of(const Law& law, const Draw& draw) {
  return {draw.net, draw.net_cols, law.seed};
}

// The largest fraction of a net that is kept.
template <class Law>
std::uint32_t last_kept(const Law& law) {
  return static_cast<std::uint32_t>(
      std::clamp(std::round(std::ldexp(law.keep(), 32)), 1.0, 0x1p32) - 1);
}

// Dropout and DropConnect.
template <class Law, Real T>
  requires(Law::drops)
void put(const Law& law, const Draw& draw, Index offset, Index size, const T* x, T* out) {
  const auto& table = kernels::dropout<T>();
  const T scale = static_cast<T>(law.factor_of_kept());
  if (draw.net == nullptr)
    return table.dropout(Mask(law.keep(), law.seed, draw.stream, draw.mirrored), offset, size,
                         scale, x, out);
  table.net_dropout(point_of(law, draw), offset, size, last_kept(law), scale, x, out);
}
template <class Law>
  requires(Law::drops)
void put_at(const Law& law, const Draw& draw, const kernels::Scattered& at, double* x) {
  const auto& table = kernels::scattered();
  if (draw.net == nullptr)
    table.dropout(Mask(law.keep(), law.seed, draw.stream, draw.mirrored), at, law.factor_of_kept(),
                  x);
  else
    table.net_dropout(point_of(law, draw), at, last_kept(law), law.factor_of_kept(), x);
}
// A normal factor of mean one, or a normal number that is added.
template <class Law, Real T>
  requires(!Law::drops)
void put(const Law& law, const Draw& draw, Index offset, Index size, const T* x, T* out) {
  const auto& table = kernels::dropout<T>();
  const double deviation = deviation_of(law, draw);
  const auto random = Law::additive ? table.gaussian_noise : table.gaussian_dropout;
  const auto of_net = Law::additive ? table.net_gaussian_noise : table.net_gaussian_dropout;
  if (draw.net == nullptr)
    random({law.seed, draw.stream}, offset, size, deviation, x, out);
  else
    of_net(point_of(law, draw), offset, size, deviation, x, out);
}
template <class Law>
  requires(!Law::drops)
void put_at(const Law& law, const Draw& draw, const kernels::Scattered& at, double* x) {
  require(!Law::additive, "noise", "noise that is added", "noise that leaves zeros as they are");
  const double deviation = deviation_of(law, draw);
  if (draw.net == nullptr)
    kernels::scattered().gaussian_dropout({law.seed, draw.stream}, at, deviation, x);
  else
    kernels::scattered().net_gaussian_dropout(point_of(law, draw), at, deviation, x);
}

}  // namespace

template <Real T>
void put_noise(const Noise& law, const Draw& draw, Index offset, Index size, const T* x, T* out) {
  std::visit([&](const auto& one) { put(one, draw, offset, size, x, out); }, law);
}
template void put_noise(const Noise&, const Draw&, Index, Index, const float*, float*);
template void put_noise(const Noise&, const Draw&, Index, Index, const double*, double*);

void put_noise_at(const Noise& law, const Draw& draw, const kernels::Scattered& at, double* x) {
  std::visit([&](const auto& one) { put_at(one, draw, at, x); }, law);
}

template <Real T>
void apply_mask(const Mask& mask, T scale, Index offset, const Walk<T>& tensor) {
  tensor.run([&](const kernels::Pass<T>& pass, Index begin, Index end) {
    kernels::dropout<T>().apply_mask(pass, begin, end, mask, offset, scale);
  });
}
template void apply_mask(const Mask&, float, Index, const Walk<float>&);
template void apply_mask(const Mask&, double, Index, const Walk<double>&);

template <Real T>
void apply_normal(const GaussianDropout& noise, const Draw& draw, Index offset,
                  const Walk<T>& tensor) {
  const double deviation = deviation_of(noise, draw);
  tensor.run([&](const kernels::Pass<T>& pass, Index begin, Index end) {
    kernels::dropout<T>().apply_normal(pass, begin, end, {noise.seed, draw.stream}, offset,
                                       deviation);
  });
}
template void apply_normal(const GaussianDropout&, const Draw&, Index, const Walk<float>&);
template void apply_normal(const GaussianDropout&, const Draw&, Index, const Walk<double>&);

}  // namespace hessopt
