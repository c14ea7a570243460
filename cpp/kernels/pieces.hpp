// The pieces of an elementwise pass over a tensor that lies anywhere in memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "hessopt/kernels/dropout.hpp"
#include "keep_bits.hpp"
#include "prefetch.hpp"

namespace hessopt::kernels {
namespace {

// What is done with a piece of a row: out[i] = f(x[i], element mask + step i of the noise), step 0
// or 1, on contiguous memory; x and out are the same or apart.
template <Real T>
struct Piece {
  Index mask;
  Index step;
  Index count;
  const T* x;
  T* out;
  Store store;
};

// Where a row of the innermost axis begins: element offsets, and the mask index.
struct RowStart {
  Index x = 0, out = 0, mask = 0;
};
inline RowStart row_start(const Axis* axes, Index n_axes, Index row) {
  RowStart at;
  for (Index a = n_axes - 1; a-- > 0;) {
    const Index i = row % axes[a].size;
    row /= axes[a].size;
    at.x += i * axes[a].x_stride;
    at.out += i * axes[a].out_stride;
    at.mask += i * axes[a].mask_stride;
  }
  return at;
}

// While bits are drawn nothing is read, and memory would stand idle: with the next piece asked for
// before, a tensor larger than the caches took a quarter to a third less time (Zen 3).
template <Real T>
void prefetch_piece(const T* x) {
  for (Index i = 0; i < superblock_size; i += line_bytes / Index{sizeof(T)}) prefetch_to_l2(x + i);
}

template <Real T, class Visit>
void visit_piece(const Pass<T>& pass, Index row, Index piece, Visit&& visit) {
  const Axis& inner = pass.axes[pass.n_axes - 1];
  const RowStart start = row_start(pass.axes, pass.n_axes, row);
  const auto address = reinterpret_cast<std::uintptr_t>(pass.out + start.out);
  const Index lag = static_cast<Index>(address % line_bytes / sizeof(T));
  const Index begin = std::max<Index>(piece * superblock_size - lag, 0);
  const Index end = std::min((piece + 1) * superblock_size - lag, inner.size);
  if (begin >= end) return;
  const T* from = pass.x + start.x + begin * inner.x_stride;
  T* to = pass.out + start.out + begin * inner.out_stride;
  const bool whole_lines = begin > 0 && end < inner.size;
  Piece<T> at{start.mask + begin * inner.mask_stride,
              inner.mask_stride,
              end - begin,
              from,
              to,
              pass.streamed && whole_lines ? Store::streamed : Store::cached};
  T packed[superblock_size];
  if (at.store == Store::streamed) prefetch_piece(from + superblock_size);
  if (inner.x_stride != 1) {
    for (Index i = 0; i < at.count; ++i) packed[i] = from[i * inner.x_stride];
    at.x = packed;
  }
  if (inner.out_stride != 1) at.out = packed;
  visit(at);
  if (inner.out_stride != 1)
    for (Index i = 0; i < at.count; ++i) to[i * inner.out_stride] = packed[i];
}

// visit(piece) for pieces begin .. end, of up to 2048 elements.
template <Real T, class Visit>
void for_each_piece(const Pass<T>& pass, Index begin, Index end, Visit&& visit) {
  for (Index i = begin; i < end; ++i)
    visit_piece(pass, i / pass.pieces_per_row, i % pass.pieces_per_row, visit);
  // Stores past the cache are seen by others after a fence only.
  if (pass.streamed) std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace
}  // namespace hessopt::kernels
