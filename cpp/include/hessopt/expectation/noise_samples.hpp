// K fixed samples of the noise of a tensor: each a function of (seed, sample, element), stored
// nowhere. Sample k of element e is
//   random      element e of stream k: a mask, or normal numbers;
//   antithetic  element e of stream k div 2, with U replaced by 1 - U where k is odd, that is the
//               mask of the complemented bits, or the normal number negated;
//   a net       the fraction U of the k-th point of a digital net with a random shift for e: kept
//               where U < 1 - rate, or Phi^-1(U).
//
// J. M. Hammersley, K. W. Morton, "A new Monte Carlo technique: antithetic variates", Proc.
// Cambridge Philos. Soc. 52 (1956).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "hessopt/dropout/apply.hpp"
#include "hessopt/random/digital_net.hpp"
#include "hessopt/random/normal.hpp"
#include "hessopt/random/normal_quantile.hpp"

namespace hessopt {

class NoiseSamples {
 public:
  NoiseSamples(const Noise& law, Index count, bool antithetic = false)
      : law_(law), count_(count), antithetic_(antithetic) {
    require(count >= 1, "n_samples", std::to_string(count), "an integer >= 1");
    require(!antithetic || count % 2 == 0, "n_samples", std::to_string(count), "an even number");
  }
  // A sample per point of the net, a column per column of the tensor.
  NoiseSamples(const Noise& law, std::shared_ptr<const NetPoints> points)
      : NoiseSamples(law, points->rows()) {
    const auto seed = std::visit([](const auto& l) { return l.seed; }, law);
    net_.emplace(std::move(points), seed);
  }

  Index count() const { return count_; }

  // out = x with the noise of sample k, elements offset .. offset + size; out may be x. Called
  // within a task: one thread.
  template <Real T>
  void apply(Index k, Index offset, Index size, const T* x, T* out) const {
    std::visit([&](const auto& law) { write(law, k, offset, size, x, out); }, law_);
  }

 private:
  std::uint32_t stream(Index k) const {
    return static_cast<std::uint32_t>(antithetic_ ? k / 2 : k);
  }
  bool flipped(Index k) const { return antithetic_ && k % 2 == 1; }

  // Dropout and DropConnect.
  template <class Law, Real T>
    requires requires(const Law& law) { law.keep(); }
  void write(const Law& law, Index k, Index offset, Index size, const T* x, T* out) const {
    if (!net_)
      return dropout_block(Dropout{law.rate, law.seed}, stream(k), flipped(k), offset, size, x,
                           out);
    const double below = std::clamp(std::round(std::ldexp(law.keep(), 32)), 1.0, 0x1p32);
    const auto last = static_cast<std::uint32_t>(below - 1);
    const T scale = static_cast<T>(1.0 / law.keep());
    net_->for_each(k, offset, size, [&](const std::uint32_t* u, Index at, Index count) {
      keep_up_to(last, scale, u, count, x + at, out + at);
    });
  }
  template <Real T>
  void write(const GaussianDropout& law, Index k, Index offset, Index size, const T* x,
             T* out) const {
    const double deviation = std::sqrt(law.variance());
    for_each_normal(law.seed, k, offset, size, [&](const double* z, Index at, Index count) {
      for (Index i = at; i < at + count; ++i)
        out[i] = x[i] * static_cast<T>(1.0 + deviation * z[i - at]);
    });
  }
  template <Real T>
  void write(const GaussianNoise& law, Index k, Index offset, Index size, const T* x,
             T* out) const {
    for_each_normal(law.seed, k, offset, size, [&](const double* z, Index at, Index count) {
      for (Index i = at; i < at + count; ++i) out[i] = x[i] + static_cast<T>(law.scale * z[i - at]);
    });
  }

  // A choice made on the bits of the number: a branch would be guessed wrong half of the time.
  template <Real T>
  static void keep_up_to(std::uint32_t last, T scale, const std::uint32_t* u, Index count,
                         const T* x, T* out) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    for (Index i = 0; i < count; ++i) {
      const Bits keep = Bits{0} - static_cast<Bits>(u[i] <= last);
      out[i] = std::bit_cast<T>(std::bit_cast<Bits>(x[i] * scale) & keep);
    }
  }

  // visit(z, at, count)
  template <class Visit>
  void for_each_normal(std::uint64_t seed, Index k, Index offset, Index size, Visit&& visit) const {
    double z[512];
    static_assert(DigitalNet::most <= 512);
    if (net_) {
      net_->for_each(k, offset, size, [&](const std::uint32_t* u, Index at, Index count) {
        to_normal(u, count, z);
        visit(z, at, count);
      });
      return;
    }
    const Cut chunks{size, 512};
    for (Index c = 0; c < chunks.count(); ++c) {
      const Index at = chunks.begin(c), count = chunks.size(c);
      normal_block(seed, stream(k), offset + at, count, z);
      if (flipped(k))
        for (Index i = 0; i < count; ++i) z[i] = -z[i];
      visit(z, at, count);
    }
  }
  // The fraction u stands for the middle of its 2^-32.
  static void to_normal(const std::uint32_t* u, Index count, double* z) {
    for (Index i = 0; i < count; i += 16) {
      const Index here = std::min<Index>(16, count - i);
      SixteenReals middle = SixteenReals::Constant(0.5);
      for (Index l = 0; l < here; ++l) middle[l] = 0x1p-32 * (static_cast<double>(u[i + l]) + 0.5);
      const SixteenReals quantile = normal_quantile(middle);
      std::copy_n(quantile.data(), here, z + i);
    }
  }

  Noise law_;
  Index count_;
  bool antithetic_;
  std::optional<DigitalNet> net_;
};

}  // namespace hessopt
