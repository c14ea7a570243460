// The two products of a layer, on columns of a block. Neither packs anything: the block was
// transposed once, and every column is read from its first row to its last.
#pragma once

#include <algorithm>

#include "hessopt/kernels/networks.hpp"
#include "packet.hpp"

namespace hessopt::kernels {
namespace {

#if defined(EIGEN_VECTORIZE_AVX512) || defined(EIGEN_VECTORIZE_NEON)
inline constexpr bool many_registers = true;  // 32
#else
inline constexpr bool many_registers = false;  // 16
#endif

// n cut into groups of no more than `most`, as even as can be: group(begin, size)
template <class Group>
EIGEN_ALWAYS_INLINE void for_even_groups(Index n, Index most, Group&& group) {
  const Index groups = (n + most - 1) / most;
  for (Index g = 0; g < groups; ++g) {
    const Index begin = n * g / groups;
    group(begin, n * (g + 1) / groups - begin);
  }
}

template <class T>
struct Times {
  Index inputs;
  const T* a;
  const T* w;
  Index k_stride, n_stride;
  const T* bias;
  bool add;
  T* out;
};

// A tile of R registers of rows by C outputs.
template <Real T, int R, int C>
EIGEN_ALWAYS_INLINE void times_tile(const Times<T>& p, Index i, Index n) {
  using Eigen::internal::pmadd;
  constexpr Index step = lanes<T>, stride = network_stride<T>;
  Packet<T> sum[R][C];
#pragma GCC unroll 32
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 32
    for (int r = 0; r < R; ++r)
      sum[r][c] = p.add ? load(p.out + (n + c) * stride + i + r * step)
                        : broadcast(p.bias != nullptr ? p.bias[n + c] : T{0});
  const T *a = p.a + i, *w = p.w + n * p.n_stride;
  for (Index k = 0; k < p.inputs; ++k, a += stride, w += p.k_stride) {
    Packet<T> x[R];
#pragma GCC unroll 32
    for (int r = 0; r < R; ++r) {
      x[r] = load(a + r * step);
      keep_in_register(x[r]);
    }
#pragma GCC unroll 32
    for (int c = 0; c < C; ++c) {
      const Packet<T> b = broadcast(w[c * p.n_stride]);
#pragma GCC unroll 32
      for (int r = 0; r < R; ++r) sum[r][c] = pmadd(x[r], b, sum[r][c]);
    }
  }
#pragma GCC unroll 32
  for (int c = 0; c < C; ++c)
#pragma GCC unroll 32
    for (int r = 0; r < R; ++r)
      Eigen::internal::pstoreu(p.out + (n + c) * stride + i + r * step, sum[r][c]);
}

// All outputs of the rows from i on, R registers at a time, and half as many of what is left.
template <Real T, int R>
HESSOPT_NOINLINE void times_rows(const Times<T>& p, Index i, Index rows, Index outputs) {
  for (; i + R * lanes<T> <= rows; i += R * lanes<T>)
    for_even_groups(outputs, 5, [&](Index n, Index count) {
      if (count == 5) times_tile<T, R, 5>(p, i, n);
      if (count == 4) times_tile<T, R, 4>(p, i, n);
      if (count == 3) times_tile<T, R, 3>(p, i, n);
      if (count == 2) times_tile<T, R, 2>(p, i, n);
      if (count == 1) times_tile<T, R, 1>(p, i, n);
    });
  if constexpr (R > 1)
    if (i < rows) times_rows<T, R / 2>(p, i, rows, outputs);
}
// The same of one or two outputs, which want more rows at a time to keep the units busy.
template <Real T, int R, int C>
HESSOPT_NOINLINE void times_few(const Times<T>& p, Index i, Index rows) {
  for (; i + R * lanes<T> <= rows; i += R * lanes<T>) times_tile<T, R, C>(p, i, 0);
  if constexpr (R > 1)
    if (i < rows) times_few<T, R / 2, C>(p, i, rows);
}

template <Real T>
void times_some(const Times<T>& p, Index rows, Index outputs) {
  constexpr int most = static_cast<int>(network_rows / lanes<T>), base = many_registers ? 4 : 2;
  if (outputs == 1)
    times_few<T, std::min(most, 8), 1>(p, 0, rows);
  else if (outputs == 2)
    times_few<T, std::min(most, 4), 2>(p, 0, rows);
  else
    times_rows<T, std::min(most, base)>(p, 0, rows, outputs);
}

// Of many inputs some at a time, which a first cache holds while all outputs read them.
template <Real T>
void times(Index rows, Index inputs, Index outputs, const T* a, const T* w, Index k_stride,
           Index n_stride, const T* bias, bool add, T* out) noexcept {
  for_even_groups(inputs, 160, [&](Index k, Index count) {
    times_some<T>({count, a + k * network_stride<T>, w + k * k_stride, k_stride, n_stride, bias,
                   add || k > 0, out},
                  rows, outputs);
  });
}

// The sums of the lanes of four packets.
template <Real T>
EIGEN_ALWAYS_INLINE void sums_of_four(const Packet<T>* x, T* out) {
#if defined(EIGEN_VECTORIZE_AVX512)
  if constexpr (std::same_as<T, float>) {
    const auto fold = [](__m512 a, __m512 b) {
      return _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    };
    const __m512 ab = fold(x[0], x[1]), cd = fold(x[2], x[3]);  // a b a b, c d c d
    const __m512 all =
        _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
  } else {
    const auto fold = [](__m512d a, __m512d b) {
      return _mm512_add_pd(_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
    };
    const __m512d ab = fold(x[0], x[1]), cd = fold(x[2], x[3]);  // a b in each of four
    const auto halves = [](__m512d v) {
      return _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1));
    };
    const __m256d p = halves(ab), q = halves(cd);
    _mm256_storeu_pd(
        out, _mm256_add_pd(_mm256_permute2f128_pd(p, q, 0x20), _mm256_permute2f128_pd(p, q, 0x31)));
  }
#elif defined(EIGEN_VECTORIZE_AVX)
  if constexpr (std::same_as<T, float>) {
    const __m256 s = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
  } else {
    const __m256d ab = _mm256_hadd_pd(x[0], x[1]), cd = _mm256_hadd_pd(x[2], x[3]);
    _mm256_storeu_pd(out, _mm256_add_pd(_mm256_permute2f128_pd(ab, cd, 0x20),
                                        _mm256_permute2f128_pd(ab, cd, 0x31)));
  }
#else
  for (int i = 0; i < 4; ++i) out[i] = Eigen::internal::predux(x[i]);
#endif
}

// Columns that are summed over the rows of one block, or of several: `next` is how far it is to the
// same column in the next.
template <class T>
struct Columns {
  const T* at;
  Index next;

  Columns from(Index column) const { return {at + column * network_stride<T>, next}; }
};

// out[h out_stride + s] += sum of held_h o streamed_s. The held stay in registers.
template <Real T, int H, int S>
HESSOPT_NOINLINE void inner_tile(Index rows, Columns<T> held, Columns<T> streamed, T* out,
                                 Index out_stride) {
  using Eigen::internal::pmadd;
  constexpr Index stride = network_stride<T>;
  Packet<T> sum[H][4];
#pragma GCC unroll 32
  for (int k = 0; k < 4 * H; ++k) sum[k / 4][k % 4] = broadcast(T{0});
  for (; rows > 0; rows -= network_rows, held.at += held.next, streamed.at += streamed.next)
    for (Index i = 0; i < std::min(rows, network_rows); i += lanes<T>) {
      Packet<T> x[H];
#pragma GCC unroll 32
      for (int h = 0; h < H; ++h) {
        x[h] = load(held.at + h * stride + i);
        keep_in_register(x[h]);
      }
#pragma GCC unroll 32
      for (int s = 0; s < S; ++s) {
        const Packet<T> y = load(streamed.at + s * stride + i);
#pragma GCC unroll 32
        for (int h = 0; h < H; ++h) sum[h][s] = pmadd(x[h], y, sum[h][s]);
      }
    }
#pragma GCC unroll 32
  for (int h = 0; h < H; ++h) {
    T sums[4];
    sums_of_four<T>(sum[h], sums);
    for (int s = 0; s < S; ++s) out[h * out_stride + s] += sums[s];
  }
}

template <Real T, int H>
EIGEN_ALWAYS_INLINE void inner_columns(Index rows, Index outputs, Columns<T> held, Columns<T> d,
                                       T* out, Index out_stride) {
  for_even_groups(outputs, 4, [&](Index n, Index count) {
    const Columns<T> streamed = d.from(n);
    if (count == 4) inner_tile<T, H, 4>(rows, held, streamed, out + n, out_stride);
    if (count == 3) inner_tile<T, H, 3>(rows, held, streamed, out + n, out_stride);
    if (count == 2) inner_tile<T, H, 2>(rows, held, streamed, out + n, out_stride);
    if (count == 1) inner_tile<T, H, 1>(rows, held, streamed, out + n, out_stride);
  });
}

template <Real T>
void add_inner_of_blocks(Index rows, Index inputs, Index outputs, const T* a, Index a_next,
                         const T* d, Index d_next, T* w) noexcept {
  if (outputs == 1 && inputs > 1)
    return add_inner_of_blocks(rows, outputs, inputs, d, d_next, a, a_next, w);
  const Columns<T> inner{a, a_next}, streamed{d, d_next};
  for_even_groups(inputs, many_registers ? 6 : 3, [&](Index k, Index count) {
    const Columns<T> held = inner.from(k);
    T* out = w + k * outputs;
    if constexpr (many_registers) {
      if (count == 6) return inner_columns<T, 6>(rows, outputs, held, streamed, out, outputs);
      if (count == 5) return inner_columns<T, 5>(rows, outputs, held, streamed, out, outputs);
      if (count == 4) return inner_columns<T, 4>(rows, outputs, held, streamed, out, outputs);
    }
    if (count == 3) return inner_columns<T, 3>(rows, outputs, held, streamed, out, outputs);
    if (count == 2) return inner_columns<T, 2>(rows, outputs, held, streamed, out, outputs);
    inner_columns<T, 1>(rows, outputs, held, streamed, out, outputs);
  });
}
template <Real T>
void add_inner(Index rows, Index inputs, Index outputs, const T* a, const T* d, T* w) noexcept {
  add_inner_of_blocks(rows, inputs, outputs, a, Index{0}, d, Index{0}, w);
}

template <Real T>
void add_sums(Index rows, Index units, const T* d, T* sums) noexcept {
  for (Index n = 0; n < units; ++n, d += network_stride<T>) {
    Packet<T> sum = broadcast(T{0});
    for (Index i = 0; i < rows; i += lanes<T>) sum = Eigen::internal::padd(sum, load(d + i));
    sums[n] += Eigen::internal::predux(sum);
  }
}

}  // namespace
}  // namespace hessopt::kernels
