// The head of a network under Monte-Carlo dropout, for K masks at once:
//   out_k = dropout_k(h) W' + b,   k = 0 .. K - 1,
// with dropout_k the mask of stream `stream` + k. No copy of h is made for a mask: its bits clear
// lanes of h on the way from the cache to the multiply-adds of all outputs.
//
// W lies in panels: a packet of each of a few outputs, then the next packet of each. A stretch of a
// panel stays in the first cache while a block of rows passes under a group of masks.
#pragma once

#include <vector>

#include "hessopt/core/matrix_view.hpp"
#include "hessopt/dropout/apply.hpp"
#include "hessopt/dropout/keep_lanes.hpp"

namespace hessopt {

namespace detail {

// Columns are filled with zeros up to whole words of a mask.
inline Index padded(Index cols) { return (cols + 31) / 32 * 32; }

// W, outputs x columns, in panels of `width` outputs, the last filled with zeros.
template <Real T>
class OutputPanels {
 public:
  OutputPanels(const MatrixView<T>& w)
      : width_(w.rows <= 2   ? w.rows
               : w.rows <= 5 ? 5
                             : 10),
        cols_(padded(w.cols)) {
    const Cut panels{w.rows, width_};
    panels_ = VectorOf<T>::Zero(panels.count() * width_ * cols_);
    for (Index c = 0; c < w.rows; ++c)
      for (Index j = 0; j < w.cols; ++j) {
        T* packet = &panels_[offset(c / width_, j / lanes<T> * lanes<T>)];
        packet[c % width_ * lanes<T> + j % lanes<T>] = w(c, j);
      }
  }

  Index width() const { return width_; }
  const T* at(Index panel, Index col) const { return panels_.data() + offset(panel, col); }
  // Columns of a stretch that takes 20 KiB.
  Index cols_per_stretch() const { return 20480 / (width_ * Index{sizeof(T)}) / 32 * 32; }

 private:
  Index offset(Index panel, Index col) const { return (panel * cols_ + col) * width_; }

  Index width_, cols_;
  VectorOf<T> panels_;  // aligned: half of the packets would cross cache lines else
};

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

}  // namespace detail

// One mask per sample and row, that of dropout(h); or, if `shared`, one per sample for all rows,
// that of dropout of a single row.
template <Real T>
class MaskedProduct {
 public:
  MaskedProduct(const Dropout& noise, std::uint32_t stream, bool shared, const MatrixView<T>& h,
                const MatrixView<T>& w, const T* bias)
      : law_(noise.keep()),
        scale_(static_cast<T>(1.0 / noise.keep())),
        seed_(noise.seed),
        stream_(stream),
        shared_(shared),
        h_(h),
        panels_(w),
        outputs_(w.rows),
        bias_(bias) {
    require_size("W", w.cols, h.cols);
  }

  // samples x rows x outputs, in C order.
  void operator()(Index samples, T* out) const {
    const Index cols = std::max<Index>(h_.cols, 1);
    // Neighbouring blocks draw a superblock each that they have in common, or, if shared, all.
    const Cut rows{h_.rows, std::clamp<Index>((shared_ ? 32 : 8) * superblock_size / cols, 1, 256)};
    const Index bits = shared_ ? cols : rows.step * cols;  // of a mask
    const Cut groups{samples, std::clamp<Index>((Index{1} << 18) / bits, 1, 16)};
    parallel_for(rows.count() * groups.count(), [&](Index task) {
      const Index r = task / groups.count(), g = task % groups.count();
      thread_local Block block;  // whose memory is kept
      block.load(*this, rows.begin(r), rows.size(r));
      block.draw(groups.begin(g), groups.size(g));
      block.multiply(out);
    });
  }

 private:
  // Some rows under some masks.
  class Block {
   public:
    void load(const MaskedProduct& of, Index begin, Index rows) {
      of_ = &of;
      begin_ = begin;
      rows_ = rows;
      pitch_ = detail::padded(of.h_.cols);
      h_.setZero(rows, pitch_);
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < of.h_.cols; ++j) h_(i, j) = of.h_(begin + i, j) * of.scale_;
    }

    void draw(Index first, Index samples) {
      first_ = first;
      samples_ = samples;
      const Index cols = of_->h_.cols, begin = of_->shared_ ? 0 : begin_ * cols;
      const Index size = of_->shared_ ? cols : rows_ * cols;
      const Index s0 = begin / superblock_size;
      const Index s1 = (begin + size + superblock_size - 1) / superblock_size;
      bit_ = begin - s0 * superblock_size;
      words_ = (s1 - s0 + 1) * superblock_words;  // past the end a word or more may be looked at
      bits_.resize(static_cast<std::size_t>(samples * words_));
      std::uint32_t mask[superblock_words];
      for (Index k = 0; k < samples; ++k)
        for (Index s = s0; s < s1; ++s) {
          const Stream stream{of_->seed_, of_->stream_ + static_cast<std::uint32_t>(first + k)};
          of_->law_.superblock(stream, static_cast<std::uint64_t>(s), mask);
          std::copy(mask, mask + superblock_words,
                    bits_.begin() + k * words_ + (s - s0) * superblock_words);
        }
    }

    void multiply(T* out) const {
      const Index width = of_->panels_.width();
      const Cut panels{of_->outputs_, width}, stretches{pitch_, of_->panels_.cols_per_stretch()};
      for (Index k = 0; k < samples_; ++k)
        for (Index i = 0; i < rows_; ++i) {
          T* to = place(out, k, i);
          for (Index c = 0; c < of_->outputs_; ++c) to[c] = of_->bias_ ? of_->bias_[c] : T(0);
        }
      for (Index p = 0; p < panels.count(); ++p) {
        poll_interrupt();
        for (Index s = 0; s < stretches.count(); ++s)
          for (Index k = 0; k < samples_; ++k)
            for (Index i = 0; i < rows_; ++i) {
              const Index col = stretches.begin(s);
              T dots[10];
              detail::masked_dots(width, &h_(i, col), bits(k, i, col), of_->panels_.at(p, col),
                                  stretches.size(s) / 32, dots);
              T* to = place(out, k, i) + panels.begin(p);
              for (Index c = 0; c < panels.size(p); ++c) to[c] += dots[c];
            }
      }
    }

   private:
    T* place(T* out, Index k, Index i) const {
      return out + ((first_ + k) * of_->h_.rows + begin_ + i) * of_->outputs_;
    }
    detail::BitsFrom bits(Index k, Index i, Index col) const {
      return {bits_.data() + k * words_, bit_ + (of_->shared_ ? 0 : i * of_->h_.cols) + col};
    }

    const MaskedProduct* of_ = nullptr;
    Index begin_ = 0, rows_ = 0, pitch_ = 0, first_ = 0, samples_ = 0, bit_ = 0, words_ = 0;
    RowMatrixOf<T> h_;
    std::vector<std::uint32_t> bits_;
  };

  Bernoulli law_;
  T scale_;
  std::uint64_t seed_;
  std::uint32_t stream_;
  bool shared_;
  MatrixView<T> h_;
  detail::OutputPanels<T> panels_;
  Index outputs_;
  const T* bias_;
};

}  // namespace hessopt
