#include "hessopt/kernels/dropout.hpp"

#include <algorithm>
#include <cstdint>

#include "digital_net.hpp"
#include "kept_counts.hpp"
#include "mask_reader.hpp"
#include "masked_product.hpp"
#include "normal_quantile.hpp"
#include "parts.hpp"
#include "pieces.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
void apply_mask(const Pass<T>& pass, Index begin, Index end, const MaskLaw& mask, Index offset,
                T scale) noexcept {
  MaskReader reader(mask);
  for_each_piece(pass, begin, end, [&](const Piece<T>& at) {
    const Index count = at.step == 0 ? 1 : at.count;
    const std::uint32_t* words = reader.read(offset + at.mask, count);
    std::uint32_t same[superblock_words];
    if (at.step == 0) {
      std::fill_n(same, superblock_words, words[0] & 1u ? ~0u : 0u);
      words = same;
    }
    if (at.store == Store::streamed)
      keep_bits<Store::streamed>(words, at.count, scale, at.x, at.out);
    else
      keep_bits(words, at.count, scale, at.x, at.out);
  });
}

// Times a normal factor of mean one.
template <Real T>
EIGEN_ALWAYS_INLINE T with_factor(T x, double deviation, double z) {
  return x * static_cast<T>(1.0 + deviation * z);
}

template <Real T>
void apply_normal(const Pass<T>& pass, Index begin, Index end, const Stream& stream, Index offset,
                  double deviation) noexcept {
  for_each_piece(pass, begin, end, [&](const Piece<T>& at) {
    double z[superblock_size];
    const Index count = at.step == 0 ? 1 : at.count;
    normal_block(stream, offset + at.mask, count, z);
    for (Index i = 0; i < at.count; ++i)
      at.out[i] = with_factor(at.x[i], deviation, z[at.step * i]);
  });
}

template <Real T>
void dropout(const MaskLaw& mask, Index offset, Index size, T scale, const T* x, T* out) noexcept {
  visit_mask(mask, offset, size, [&](const std::uint32_t* words, Index at, Index count) {
    keep_bits(words, count, scale, x + at, out + at);
  });
}

// A choice made on the bits of the number: a branch would be guessed wrong half of the time.
template <Real T>
void net_dropout(const NetPoint& net, Index offset, Index size, std::uint32_t last, T scale,
                 const T* x, T* out) noexcept {
  for_each_fraction(net, offset, size, [&](const std::uint32_t* u, Index at, Index count) {
    for (Index i = 0; i < count; ++i)
      out[at + i] = kept_or_zero(std::uint32_t{u[i] <= last}, x[at + i] * scale);
  });
}

// Normal numbers: drawn at random, or of a net. visit(z, at, count)
template <class Visit>
void for_each_normal(const Stream& stream, Index offset, Index size, Visit&& visit) {
  double z[512];
  for (Index at = 0; at < size; at += 512) {
    const Index count = std::min<Index>(512, size - at);
    normal_block(stream, offset + at, count, z);
    visit(z, at, count);
  }
}
template <class Visit>
void for_each_normal(const NetPoint& net, Index offset, Index size, Visit&& visit) {
  double z[most_fractions];
  for_each_fraction(net, offset, size, [&](const std::uint32_t* u, Index at, Index count) {
    for (Index i = 0; i < count; i += 16) {
      const Index here = std::min<Index>(16, count - i);
      const SixteenReals quantile = normal_quantile(middles(u + i, here));
      std::copy_n(quantile.data(), here, z + i);
    }
    visit(z, at, count);
  });
}

template <class Source, Real T>
void gaussian_dropout(const Source& source, Index offset, Index size, double deviation, const T* x,
                      T* out) noexcept {
  for_each_normal(source, offset, size, [&](const double* z, Index at, Index count) {
    for (Index i = at; i < at + count; ++i) out[i] = with_factor(x[i], deviation, z[i - at]);
  });
}

template <class Source, Real T>
void gaussian_noise(const Source& source, Index offset, Index size, double deviation, const T* x,
                    T* out) noexcept {
  for_each_normal(source, offset, size, [&](double* z, Index at, Index count) {
    // Rounded before it is added, as where one row of noise is added to many.
    for (Index i = 0; i < count; ++i) z[i] *= deviation;
    for (Index i = 0; i < count; ++i) out[at + i] = x[at + i] + static_cast<T>(z[i]);
  });
}

template <Real T>
void numbers(const MaskLaw& mask, Index offset, Index size, T value, T* out) noexcept {
  T ones[32];
  std::fill_n(ones, 32, T{1});
  visit_mask(mask, offset, size, [&](const std::uint32_t* words, Index at, Index count) {
    const Index whole = count / 32 * 32;
    T* to = out + at;
    for (Index e = 0; e < whole; e += 32)
      keep_word<Store::cached>(words[e / 32], value, ones, to + e);
    for (Index e = whole; e < count; ++e)
      to[e] = kept_or_zero(words[e / 32] >> (e % 32) & 1u, value);
  });
}

template <Real T>
void combine(bool additive, Index n, Index p, const T* x, Index x_stride, const T* z,
             T* out) noexcept {
  for (Index i = 0; i < n; ++i, x += x_stride, out += p)
    if (additive)
      for (Index j = 0; j < p; ++j) out[j] = x[j] + z[j];
    else
      for (Index j = 0; j < p; ++j) out[j] = z[j] == 0 ? T{0} : x[j] * z[j];  // also where x is NaN
}

template <Real T>
constexpr DropoutKernels<T> kernels_of{
    .apply_mask = &apply_mask<T>,
    .apply_normal = &apply_normal<T>,
    .dropout = &dropout<T>,
    .gaussian_dropout = &gaussian_dropout<Stream, T>,
    .gaussian_noise = &gaussian_noise<Stream, T>,
    .net_dropout = &net_dropout<T>,
    .net_gaussian_dropout = &gaussian_dropout<NetPoint, T>,
    .net_gaussian_noise = &gaussian_noise<NetPoint, T>,
    .numbers = &numbers<T>,
    .combine = &combine<T>,
    .moments = &moments<T>,
    .pack_outputs = &pack_outputs<T>,
    .multiply = &multiply<T>,
};

}  // namespace

namespace parts {

constinit const DropoutKernels<float> dropout_f32 = kernels_of<float>;
constinit const DropoutKernels<double> dropout_f64 = kernels_of<double>;

}  // namespace parts
}  // namespace hessopt::kernels
