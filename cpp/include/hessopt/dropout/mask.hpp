// A mask: which elements of a tensor are kept, as a function of their flat index.
#pragma once

#include "hessopt/random/bernoulli.hpp"

namespace hessopt {

struct Mask : kernels::MaskLaw {
  // The antithetic mask comes of the complements of the same random numbers: as likely to keep an
  // element, and the less likely where the other does.
  Mask(double keep, std::uint64_t seed, std::uint32_t stream, bool antithetic = false)
      : kernels::MaskLaw{Bernoulli(keep, antithetic), {seed, stream}} {}
};

// Elements offset .. offset + size. Little bit order, as np.packbits(..., bitorder="little"); the
// last byte is filled with zeros.
void pack_mask(const Mask& mask, Index offset, Index size, std::uint8_t* out);

// A byte an element, zero or one.
void spread_mask(const Mask& mask, Index offset, Index size, bool* out);

// In numbers, one and zero.
template <Real T>
void mask_numbers(const Mask& mask, Index offset, Index size, T* out);

}  // namespace hessopt
