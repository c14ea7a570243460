// Dropout itself: out = mask * x / (1 - rate), the mask made on the way and stored nowhere.
//
// N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way
// to prevent neural networks from overfitting", JMLR 15 (2014), who also multiply by N(1, c),
// c = rate / (1 - rate), which has the same mean and variance.
#pragma once

#include "hessopt/dropout/mask.hpp"
#include "hessopt/dropout/noise.hpp"
#include "hessopt/dropout/walk.hpp"

namespace hessopt {

// Elements offset .. offset + size of the tensor; out may be x. Called within a task: one thread.
template <Real T>
void dropout_block(const Dropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                   Index size, const T* x, T* out) {
  kernels::dropout<T>().dropout(Mask(noise.keep(), noise.seed, stream, antithetic), offset, size,
                                static_cast<T>(1.0 / noise.keep()), x, out);
}

// A whole tensor, its first element being element `offset` of the mask: kept times scale, or zero.
template <Real T>
void apply_mask(const Mask& mask, T scale, Index offset, const Walk<T>& tensor);

// The same with a normal factor of mean one; the antithetic one lies as far on the other side of
// it.
template <Real T>
void apply_normal(const GaussianDropout& noise, std::uint32_t stream, bool antithetic, Index offset,
                  const Walk<T>& tensor);

}  // namespace hessopt
