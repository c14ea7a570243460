// K masks of one activation at once, the masks of K streams in a row: as K arrays, or as the mean
// and the variance over them, for which no array is needed.
//
// What is kept is v = x / (1 - rate), what is dropped 0. So the moments follow from the number c of
// masks that keep the element:
//   mean = v c / K,   variance = v^2 c (K - c) / (K (K - 1)).
#pragma once

#include "hessopt/dropout/apply.hpp"

namespace hessopt {

// out[k] = dropout of x by stream `stream` + k, while a part of x lies in cache.
template <Real T>
void dropout_samples(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* out);

// Mean and unbiased variance of each element over the masks of streams `stream` .. + samples.
template <Real T>
void dropout_moments(const Dropout& noise, std::uint32_t stream, Index samples, Index size,
                     const T* x, T* mean, T* variance);

}  // namespace hessopt
