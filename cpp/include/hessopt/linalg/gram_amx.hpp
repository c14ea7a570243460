// X'diag(w)X on the tile units of x86-64 (AMX), from numbers split in two.
//
// The rows v = sqrt(w) x are taken as u = hi + lo, their first 16 bits of mantissa, and
//   U'U = hi'hi + hi'lo + lo'lo + lo'hi
// in products of bf16: each entry to 2^-16 of sum |v_j v_k|, and what sums in float32 over one
// slice of rows add; slices are added in float64. lo'lo is within that, and yet not left out: a
// true Gram matrix is semidefinite, and without it the pivots of a singular one came out at -5e-6,
// once -8e-5, of their diagonal entry instead of 1e-6 and less, as in float32. What float32 could
// not hold comes out not finite here too.
//
// A tile is 16 rows of 64 bytes; TDPBF16PS adds A B to a tile of float32, where A and B hold
// pairs of bf16 along the sum. Intel, "Intel 64 and IA-32 Architectures Software Developer's
// Manual", vol. 1, ch. 18 "Programming with Intel Advanced Matrix Extensions", and vol. 2.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/prefetch.hpp"
#include "hessopt/linalg/gram_kernel.hpp"
#include "hessopt/linalg/split_panels.hpp"

#if defined(__x86_64__) && defined(__linux__) && __has_include(<amxbf16intrin.h>)
#define HESSOPT_AMX
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hessopt {
namespace detail {

// `multiply` is U'U for two panels on the left and two on the right: 32 x 32 sums, row by row.
// This one is the witness of what tile units do, sum by sum as their manual has it, but for numbers
// below float32's normal range, which they take for 0.
struct PortableTiles : SplitShape {
  struct Session {};

  static void multiply(const Pair* left, const Pair* right, Index pitch, Index steps, float* out) {
    std::fill_n(out, block * block, 0.0f);
    for (Index s = 0; s < steps; ++s, left += step, right += step)
      for (const auto& [a, b] : {std::pair{left, right},
                                 {left, right + pairs},
                                 {left + pairs, right + pairs},
                                 {left + pairs, right}})
        for (Index i = 0; i < 2; ++i)
          for (Index j = 0; j < 2; ++j)
            add_product(a + i * pitch, b + j * pitch, out + side * (i * block + j));
  }

 private:
  // Products of bf16 are exact in float32.
  static void add_product(const Pair* a, const Pair* b, float* out) {
    for (Index r = 0; r < side; ++r)
      for (Index c = 0; c < side; ++c) {
        float even = 0, odd = 0;
        for (Index k = 0; k < side; ++k) {
          const Pair u = a[r * side + k], v = b[k * side + c];
          even += low_half(u) * low_half(v);
          odd += high_half(u) * high_half(v);
        }
        out[r * block + c] += even + odd;
      }
  }
};

#ifdef HESSOPT_AMX
#define HESSOPT_AMX_TARGET __attribute__((target("amx-tile,amx-bf16")))

// What LDTILECFG reads: palette 1, and eight registers of 16 rows of 64 bytes.
struct TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);
alignas(64) inline constexpr TileConfig tile_config;

// Registers: 0..3 the sums of a block, 4 and 5 two tiles of the left, 6 and 7 two of the right.
struct AmxTiles : SplitShape {
  // What the registers hold is set for each thread; without it they cost nothing to save.
  class Session {
   public:
    Session() { begin(); }
    ~Session() { end(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

   private:
    HESSOPT_AMX_TARGET HESSOPT_NOINLINE static void begin() { _tile_loadconfig(&tile_config); }
    HESSOPT_AMX_TARGET HESSOPT_NOINLINE static void end() { _tile_release(); }
  };

  // Sixteen products for ten loads; one takes about the time in which two tiles are loaded.
  HESSOPT_AMX_TARGET HESSOPT_NOINLINE static void multiply(const Pair* left, const Pair* right,
                                                           Index pitch, Index steps, float* out) {
    constexpr Index line = side * sizeof(Pair), row = block * sizeof(float);
    asm volatile("" ::: "memory");  // GCC is not told that tiles are loaded from memory
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (Index s = 0; s < steps; ++s, left += step, right += step) {
      _tile_loadd(4, left, line);
      _tile_loadd(5, left + pitch, line);
      _tile_loadd(6, right, line);
      _tile_loadd(7, right + pitch, line);
      add_products();  // hi'hi
      _tile_loadd(6, right + pairs, line);
      _tile_loadd(7, right + pairs + pitch, line);
      add_products();  // hi'lo
      _tile_loadd(4, left + pairs, line);
      _tile_loadd(5, left + pairs + pitch, line);
      add_products();  // lo'lo
      _tile_loadd(6, right, line);
      _tile_loadd(7, right + pitch, line);
      add_products();  // lo'hi
    }
    _tile_stored(0, out, row);
    _tile_stored(1, out + side, row);
    _tile_stored(2, out + side * block, row);
    _tile_stored(3, out + side * block + side, row);
  }

 private:
  HESSOPT_AMX_TARGET EIGEN_ALWAYS_INLINE static void add_products() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
};
#undef HESSOPT_AMX_TARGET
#else
using AmxTiles = PortableTiles;
#endif

// lower(H) += V'V
template <class Tiles>
void add_split_product(const SplitPanels& v, MatrixRef h) {
  constexpr Index side = SplitShape::block;
  alignas(64) float sums[side * side];
  const Cut blocks{v.cols(), side};
  for (Index j = 0; j < blocks.count(); ++j) {
    if (j > 0) poll_interrupt();
    for (Index i = j; i < blocks.count(); ++i) {
      const Index top = blocks.begin(i), height = blocks.size(i), width = blocks.size(j);
      for (Index c = 0; c < width; ++c)  // H may be larger than the caches
        for (Index r = 0; r < height; r += 8) prefetch_to_change(&h(top + r, side * j + c));
      Tiles::multiply(v.left(2 * j), v.right(2 * i), v.pitch(), v.steps(), sums);
      for (Index c = 0; c < width; ++c) {
        double* column = &h(top, side * j + c);
        for (Index r = i == j ? c : 0; r < height; ++r)
          column[r] += static_cast<double>(sums[side * c + r]);
      }
    }
  }
}

// lower(H) += X'diag(w)X. A slice with a negative weight has no root, and is float32's.
template <class Tiles, Real From, class Weight>
void add_split_gram(const MatrixView<From>& x, Weight&& w, MatrixRef h) {
  thread_local SplitPanels panels;
  [[maybe_unused]] const typename Tiles::Session session;
  const Cut slices{x.rows, SplitShape::depth};
  for (Index s = 0; s < slices.count(); ++s) {
    const Index begin = slices.begin(s), rows = slices.size(s);
    const auto slice = x.middle_rows(begin, rows);
    float scale[SplitShape::depth];
    bool rooted = true;
    for (Index r = 0; r < rows; ++r) {
      const auto weight = static_cast<float>(w(begin + r));
      rooted = rooted && !(weight < 0);
      scale[r] = std::sqrt(weight);
    }
    if (!rooted) {
      add_weighted_gram<float>(slice, [&](Index r) { return w(begin + r); }, h);
      continue;
    }
    panels.pack(slice, scale);
    add_split_product<Tiles>(panels, h);
  }
}

// Whether the tile units do what their witness does: whole numbers, whose sums are exact in any
// order, to the last bit; fractions to a few roundings.
template <class Tiles>
bool agrees_with_portable_tiles() {
  const auto gram = []<class With>(const RowMatrix& x, With) {
    Matrix h = Matrix::Zero(x.cols(), x.cols());
    add_split_gram<With>(view_of(x), [](Index) { return 1.0; }, h);
    return h;
  };
  const RowMatrix whole = RowMatrix::NullaryExpr(90, 40, [](Index i, Index j) {
    return static_cast<double>((7 * i + j * (i + 13)) % 601 - 300);
  });
  if (gram(whole, Tiles()) != gram(whole, PortableTiles())) return false;
  const RowMatrix fractions = whole / 7;
  const Matrix want = gram(fractions, PortableTiles());
  return ((gram(fractions, Tiles()) - want).array().abs() <= 1e-6 * want.maxCoeff()).all();
}

// Whether this CPU has tile units for bf16, and its system saves and lends their registers: Linux
// does so on request, once for a process.
inline bool has_tile_registers() {
#ifdef HESSOPT_AMX
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return false;
  asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  constexpr long ask_for_permission = 0x1023, tile_data = 18;
  return (a >> 17 & 3) == 3 && syscall(SYS_arch_prctl, ask_for_permission, tile_data) == 0;
#else
  return false;
#endif
}

}  // namespace detail

// Whether Gram matrices may be made on tile units: found out, and tried, once for a process.
inline bool has_amx() {
  static const bool found =
      detail::has_tile_registers() && detail::agrees_with_portable_tiles<detail::AmxTiles>();
  return found;
}

// Columns from which on that pays. Packing, measured with AVX2, takes two thirds of the time of all
// of float32 at 50 columns, half of it at 100, a seventh at 300; the tiles are not measured.
inline constexpr Index least_cols_for_amx = 64;

// lower(H) += X'diag(w)X on the tile units, which must be there.
template <Real From, class Weight>
void add_weighted_gram_amx(const MatrixView<From>& x, Weight&& w, MatrixRef h) {
  detail::add_split_gram<detail::AmxTiles>(x, w, h);
}

}  // namespace hessopt
