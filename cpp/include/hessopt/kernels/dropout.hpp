// Masks and noise put on data.
#pragma once

#include "hessopt/kernels/random.hpp"

namespace hessopt::kernels {

// A size, and the strides of the tensor read, of the tensor written, and of the index of the noise.
struct Axis {
  Index size;
  Index x_stride;
  Index out_stride;
  Index mask_stride;
};

// An elementwise pass over a tensor. A row, along the last axis, is cut into pieces.
template <class T>
struct Pass {
  const Axis* axes;
  Index n_axes;
  Index pieces_per_row;
  const T* x;
  T* out;  // x itself, or apart from it
  bool streamed;
};

// Rows are cut where the memory that is written has a multiple of this many bytes: stores that
// cross cache lines are slow, and those past the cache have to be whole lines.
inline constexpr Index line_bytes = 64;

// A point of a digital net, a fraction of 32 bits for each column of a tensor.
struct NetPoint {
  const std::uint32_t* fractions;
  Index cols;
  std::uint64_t seed;  // of the shifts
};

// Columns are filled with zeros up to whole words of a mask.
constexpr Index padded(Index cols) { return (cols + 31) / 32 * 32; }
// Room for `size` bits of a mask that begin anywhere: whole superblocks, and one more, as past the
// end a word or more may be read.
constexpr Index words_of_mask(Index size) {
  return (size / superblock_size + 3) * superblock_words;
}

// dropout(h) W' + bias. W lies in panels of `width` outputs, the last filled with zeros: a packet
// of each of the outputs, then the next packet of each.
template <class T>
struct MaskedProduct {
  MaskLaw mask;  // of sample 0
  bool shared;   // one mask for all rows
  T scale;
  const T* h;
  Index rows, cols, row_stride, col_stride;
  const T* panels;
  Index width, outputs;
  const T* bias;  // null: there is none
};

template <class T>
struct DropoutKernels {
  // Pieces begin .. end of the pass. Kept times scale, or zero; element 0 is that of `offset`.
  void (*apply_mask)(const Pass<T>&, Index begin, Index end, const MaskLaw&, Index offset,
                     T scale) noexcept;
  // x (1 + deviation z)
  void (*apply_normal)(const Pass<T>&, Index begin, Index end, const Stream&, Index offset,
                       double deviation) noexcept;

  // Of elements offset .. offset + size in a row; out may be x.
  void (*dropout)(const MaskLaw&, Index offset, Index size, T scale, const T* x, T* out) noexcept;
  void (*gaussian_dropout)(const Stream&, Index offset, Index size, double deviation, const T* x,
                           T* out) noexcept;
  void (*gaussian_noise)(const Stream&, Index offset, Index size, double deviation, const T* x,
                         T* out) noexcept;
  // The same of a digital net. Kept are the fractions up to `last`.
  void (*net_dropout)(const NetPoint&, Index offset, Index size, std::uint32_t last, T scale,
                      const T* x, T* out) noexcept;
  void (*net_gaussian_dropout)(const NetPoint&, Index offset, Index size, double deviation,
                               const T* x, T* out) noexcept;
  void (*net_gaussian_noise)(const NetPoint&, Index offset, Index size, double deviation,
                             const T* x, T* out) noexcept;

  // The mask in numbers, `value` and zero.
  void (*numbers)(const MaskLaw&, Index offset, Index size, T value, T* out) noexcept;
  // Rows of x, each with the noise z of one: x z, which is +0 where z = 0 whatever x is, or x + z.
  void (*combine)(bool additive, Index n, Index p, const T* x, Index x_stride, const T* z,
                  T* out) noexcept;

  // Mean and unbiased variance of dropout over `samples` streams from that of the mask on, for
  // elements from the first of a superblock on.
  Outcome (*moments)(const MaskLaw&, Index samples, std::uint64_t superblock, T scale, Index size,
                     const T* x, T* mean, T* variance, Poll) noexcept;

  // W, outputs x cols, into panels of `width` outputs and padded(cols) columns, which are zero.
  void (*pack_outputs)(const T* w, Index outputs, Index cols, Index row_stride, Index col_stride,
                       Index width, T* panels) noexcept;
  // Rows begin .. + rows under the masks of samples first .. + samples. out: samples x rows x
  // outputs, of all. Scratch: h for rows x padded(cols), bits for words_of_mask of each sample.
  Outcome (*multiply)(const MaskedProduct<T>&, Index begin, Index rows, Index first, Index samples,
                      T* h, std::uint32_t* bits, T* out, Poll) noexcept;
};

}  // namespace hessopt::kernels
