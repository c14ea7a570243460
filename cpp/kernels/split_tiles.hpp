// Products of numbers split in two, on tile units and, as a witness, without.
//
// A tile is 16 rows of 64 bytes; TDPBF16PS adds A B to a tile of float32, where A and B hold
// pairs of bf16 along the sum. Intel, "Intel 64 and IA-32 Architectures Software Developer's
// Manual", vol. 1, ch. 18 "Programming with Intel Advanced Matrix Extensions", and vol. 2.
#pragma once

#include <algorithm>
#include <utility>

#include "split_panels.hpp"

#if defined(__x86_64__) && defined(__linux__) && __has_include(<amxbf16intrin.h>)
#define HESSOPT_AMX
#include <immintrin.h>
#endif

namespace hessopt::kernels {
namespace {

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
alignas(64) constexpr TileConfig tile_config;

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

}  // namespace
}  // namespace hessopt::kernels
