// An elementwise pass over a tensor that lies anywhere in memory, in runs of flat mask index.
//
// Each axis has a size and three strides: of the tensor read, of the tensor written, and of the
// mask index. An axis along which one mask is shared (a channel's pixels, the rows of a batch, the
// steps of a sequence) has mask stride 0, and that is all that sharing is.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/prefetch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/dropout/keep_bits.hpp"
#include "hessopt/random/stream.hpp"

namespace hessopt {

struct Axis {
  Index size;
  Index x_stride;
  Index out_stride;
  Index mask_stride;

  // This axis and one inside it are one long axis.
  bool continues(const Axis& inner) const {
    return x_stride == inner.size * inner.x_stride && out_stride == inner.size * inner.out_stride &&
           mask_stride == inner.size * inner.mask_stride;
  }
};

// As few axes as the strides allow, outermost first; at least one.
inline std::vector<Axis> merged(const std::vector<Axis>& axes) {
  std::vector<Axis> out;
  for (const Axis& axis : axes) {
    if (axis.size == 1) continue;
    if (!out.empty() && out.back().continues(axis))
      out.back() = {out.back().size * axis.size, axis.x_stride, axis.out_stride, axis.mask_stride};
    else
      out.push_back(axis);
  }
  if (out.empty()) out.push_back({1, 1, 1, 1});
  return out;
}

// Where a row of the innermost axis begins: element offsets, and the mask index.
struct RowStart {
  Index x = 0, out = 0, mask = 0;
};
inline RowStart row_start(const std::vector<Axis>& axes, Index row) {
  RowStart at;
  for (std::size_t a = axes.size() - 1; a-- > 0;) {
    const Index i = row % axes[a].size;
    row /= axes[a].size;
    at.x += i * axes[a].x_stride;
    at.out += i * axes[a].out_stride;
    at.mask += i * axes[a].mask_stride;
  }
  return at;
}

// What a kernel does with a piece of a row: out[i] = f(x[i], element mask + step i of the noise),
// step 0 or 1, on contiguous memory; x and out are the same or apart.
template <Real T>
struct Piece {
  Index mask;
  Index step;
  Index count;
  const T* x;
  T* out;
  Store store;
};

// Rows are cut where the memory that is written has a multiple of this many bytes: stores that
// cross cache lines are slow, and those past the cache have to be whole lines.
inline constexpr Index line_bytes = 64;

// Larger than this, what is written would not stay in a cache anyway.
inline constexpr Index most_cached_bytes = Index{32} << 20;

// Calls kernel(kept, piece) for pieces of up to 2048 elements that are all of the tensor, on all
// threads; make() is what a thread keeps from piece to piece.
template <Real T>
class Walk {
 public:
  Walk(const std::vector<Axis>& axes, const T* x, T* out)
      : axes_(merged(axes)), inner_(axes_.back()), x_(x), out_(out) {
    rows_ = 1;
    for (const Axis& axis : axes_) rows_ *= axis.size;
    const bool streams =
        x != out && inner_.out_stride == 1 && rows_ * Index{sizeof(T)} > most_cached_bytes;
    store_ = streams ? Store::streamed : Store::cached;
    if (rows_ != 0) rows_ /= inner_.size;
  }

  template <class Make, class Kernel>
  void run(Make&& make, Kernel&& kernel) const {
    if (rows_ == 0) return;
    // One piece more than fit, for the first may be short.
    const Cut pieces{inner_.size + line_bytes / Index{sizeof(T)} - 1, superblock_size};
    const Index per_task = elements_per_task / std::min(inner_.size, superblock_size);
    const Cut tasks{rows_ * pieces.count(), per_task};
    parallel_for(tasks.count(), [&](Index t) {
      auto kept = make();
      for (Index i = tasks.begin(t); i < tasks.begin(t) + tasks.size(t); ++i)
        visit(i / pieces.count(), i % pieces.count(), kept, kernel);
      // Stores past the cache are seen by others after a fence only.
      if (store_ == Store::streamed) std::atomic_thread_fence(std::memory_order_seq_cst);
    });
  }

 private:
  template <class Kept, class Kernel>
  void visit(Index row, Index piece, Kept& kept, Kernel& kernel) const {
    const RowStart start = row_start(axes_, row);
    const auto address = reinterpret_cast<std::uintptr_t>(out_ + start.out);
    const Index lag = static_cast<Index>(address % line_bytes / sizeof(T));
    const Index begin = std::max<Index>(piece * superblock_size - lag, 0);
    const Index end = std::min((piece + 1) * superblock_size - lag, inner_.size);
    if (begin >= end) return;
    const T* from = x_ + start.x + begin * inner_.x_stride;
    T* to = out_ + start.out + begin * inner_.out_stride;
    Piece<T> at{start.mask + begin * inner_.mask_stride,
                inner_.mask_stride,
                end - begin,
                from,
                to,
                begin > 0 && end < inner_.size ? store_ : Store::cached};
    T packed[superblock_size];
    if (at.store == Store::streamed) prefetch_piece(from + superblock_size);
    if (inner_.x_stride != 1) {
      for (Index i = 0; i < at.count; ++i) packed[i] = from[i * inner_.x_stride];
      at.x = packed;
    }
    if (inner_.out_stride != 1) at.out = packed;
    kernel(kept, at);
    if (inner_.out_stride != 1)
      for (Index i = 0; i < at.count; ++i) to[i * inner_.out_stride] = packed[i];
  }

  // While bits are drawn nothing is read, and memory would stand idle: with the next piece asked
  // for before, a tensor larger than the caches took a quarter to a third less time (Zen 3).
  static void prefetch_piece(const T* x) {
    for (Index i = 0; i < superblock_size; i += line_bytes / Index{sizeof(T)})
      prefetch_to_l2(x + i);
  }

  std::vector<Axis> axes_;
  Axis inner_;
  const T* x_;
  T* out_;
  Index rows_;
  Store store_;
};

}  // namespace hessopt
