// A product with rows of which bits of a mask clear lanes.
//
// A stretch of a panel of W stays in the first cache while a block of rows passes under a group of
// masks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hessopt/kernels/dropout.hpp"
#include "keep_lanes.hpp"
#include "superblock.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
void pack_outputs(const T* w, Index outputs, Index cols, Index row_stride, Index col_stride,
                  Index width, T* panels) noexcept {
  for (Index c = 0; c < outputs; ++c)
    for (Index j = 0; j < cols; ++j) {
      const Index packet = (c / width * padded(cols) + j / lanes<T> * lanes<T>)*width;
      panels[packet + c % width * lanes<T> + j % lanes<T>] = w[c * row_stride + j * col_stride];
    }
}

// The bits from bit `from` on, 32 at a time.
struct BitsFrom {
  const std::uint32_t* words;
  Index from;

  std::uint32_t operator[](Index i) const {
    const std::uint32_t* at = words + from / 32 + i;
    const std::uint64_t two = std::uint64_t{at[1]} << 32 | at[0];
    return static_cast<std::uint32_t>(two >> (from % 32));
  }
};

// out[c] = sum_j bit_j h_j w_cj for the `Width` outputs of a panel and whole words of columns.
template <Index Width, Real T>
HESSOPT_NOINLINE void masked_dots(const T* h, BitsFrom bits, const T* w, Index words, T* out) {
  Packet<T> sums[Width];
  for (Packet<T>& s : sums) s = broadcast(T(0));
  for (Index i = 0; i < words; ++i) {
    const std::uint32_t word = bits[i];
    for (Index b = 0; b < 32; b += lanes<T>, h += lanes<T>, w += Width * lanes<T>) {
      const Packet<T> kept = keep_lanes<T>(load(h), word, b);
      for (Index c = 0; c < Width; ++c)
        sums[c] = Eigen::internal::pmadd(kept, load(w + c * lanes<T>), sums[c]);
    }
  }
  for (Index c = 0; c < Width; ++c) out[c] = Eigen::internal::predux(sums[c]);
}

template <Real T>
void masked_dots(Index width, const T* h, BitsFrom bits, const T* w, Index words, T* out) {
  if (width == 1) return masked_dots<1>(h, bits, w, words, out);
  if (width == 2) return masked_dots<2>(h, bits, w, words, out);
  if (width == 5) return masked_dots<5>(h, bits, w, words, out);
  masked_dots<10>(h, bits, w, words, out);
}

// Some rows under some masks.
template <Real T>
class MaskedBlock {
 public:
  MaskedBlock(const MaskedProduct<T>& of, Index begin, Index rows, Index first, Index samples, T* h,
              std::uint32_t* bits)
      : of_(of),
        begin_(begin),
        rows_(rows),
        first_(first),
        samples_(samples),
        pitch_(padded(of.cols)),
        h_(h),
        bits_(bits) {}

  void load() {
    std::fill_n(h_, rows_ * pitch_, T(0));
    for (Index i = 0; i < rows_; ++i)
      for (Index j = 0; j < of_.cols; ++j)
        h_[i * pitch_ + j] = of_.h[(begin_ + i) * of_.row_stride + j * of_.col_stride] * of_.scale;
  }

  void draw() {
    const Index begin = of_.shared ? 0 : begin_ * of_.cols;
    const Index size = of_.shared ? of_.cols : rows_ * of_.cols;
    const Index s0 = begin / superblock_size;
    const Index s1 = (begin + size + superblock_size - 1) / superblock_size;
    bit_ = begin - s0 * superblock_size;
    words_ = words_of_mask(size);
    for (Index k = 0; k < samples_; ++k) {
      MaskLaw mask = of_.mask;
      mask.stream.stream += static_cast<std::uint32_t>(first_ + k);
      for (Index s = s0; s < s1; ++s)
        draw_superblock(mask, static_cast<std::uint64_t>(s),
                        bits_ + k * words_ + (s - s0) * superblock_words);
    }
  }

  Outcome multiply(T* out, Poll poll) const {
    const Index width = of_.width;
    // Columns of a stretch that takes 20 KiB.
    const Index stretch = 20480 / (width * Index{sizeof(T)}) / 32 * 32;
    for (Index k = 0; k < samples_; ++k)
      for (Index i = 0; i < rows_; ++i) {
        T* to = place(out, k, i);
        for (Index c = 0; c < of_.outputs; ++c) to[c] = of_.bias ? of_.bias[c] : T(0);
      }
    for (Index panel = 0; panel < of_.outputs; panel += width) {
      if (poll()) return Outcome::abandoned;
      const Index outputs = std::min(width, of_.outputs - panel);
      for (Index col = 0; col < pitch_; col += stretch)
        for (Index k = 0; k < samples_; ++k)
          for (Index i = 0; i < rows_; ++i) {
            T dots[10];
            masked_dots(width, h_ + i * pitch_ + col, bits(k, i, col),
                        of_.panels + panel * pitch_ + col * width,
                        std::min(stretch, pitch_ - col) / 32, dots);
            T* to = place(out, k, i) + panel;
            for (Index c = 0; c < outputs; ++c) to[c] += dots[c];
          }
    }
    return Outcome::done;
  }

 private:
  T* place(T* out, Index k, Index i) const {
    return out + ((first_ + k) * of_.rows + begin_ + i) * of_.outputs;
  }
  BitsFrom bits(Index k, Index i, Index col) const {
    return {bits_ + k * words_, bit_ + (of_.shared ? 0 : i * of_.cols) + col};
  }

  const MaskedProduct<T>& of_;
  Index begin_, rows_, first_, samples_, pitch_;
  T* h_;
  std::uint32_t* bits_;
  Index bit_ = 0, words_ = 0;
};

template <Real T>
Outcome multiply(const MaskedProduct<T>& product, Index begin, Index rows, Index first,
                 Index samples, T* h, std::uint32_t* bits, T* out, Poll poll) noexcept {
  MaskedBlock<T> block(product, begin, rows, first, samples, h, bits);
  block.load();
  block.draw();
  return block.multiply(out, poll);
}

}  // namespace
}  // namespace hessopt::kernels
