// Noise put on numbers: drawn on the way and stored nowhere. What a law does to a number is said
// here, whoever puts it on what.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15 (2014), who also multiply by N(1, c),
// c = rate / (1 - rate), which has the same mean and variance.
#pragma once

#include "hessopt/dropout/mask.hpp"
#include "hessopt/dropout/noise.hpp"
#include "hessopt/dropout/walk.hpp"

namespace hessopt {

// Which numbers noise is made of.
struct Draw {
  std::uint32_t stream = 0;
  // The mirrored ones come of the complements of the same random numbers: of a mask, see Mask; a
  // normal number is negated.
  bool mirrored = false;
  // Else a point of a digital net, of so many columns: kept is what is below 1 - rate, a normal
  // number is the quantile.
  const std::uint32_t* net = nullptr;
  Index net_cols = 0;
};

// Sample k of many: a stream of its own, or one with its mirror.
inline Draw sample_of(Index k, bool antithetic) {
  return {.stream = static_cast<std::uint32_t>(antithetic ? k / 2 : k),
          .mirrored = antithetic && k % 2 == 1};
}

// out = x with noise, elements offset .. offset + size of the tensor; out may be x. Called within a
// task: one thread.
template <Real T>
void put_noise(const Noise& law, const Draw& draw, Index offset, Index size, const T* x, T* out);

// The same of elements anywhere, noise that multiplies: a zero stays one whatever it draws.
void put_noise_at(const Noise& law, const Draw& draw, const kernels::Scattered& at, double* x);

// A whole tensor, its first element being element `offset` of the mask: kept times scale, or zero.
template <Real T>
void apply_mask(const Mask& mask, T scale, Index offset, const Walk<T>& tensor);

// The same with a normal factor of mean one.
template <Real T>
void apply_normal(const GaussianDropout& noise, const Draw& draw, Index offset,
                  const Walk<T>& tensor);

}  // namespace hessopt
