// Random planes, masks and fused dropout; the last against copy_bandwidth (8 bytes an element).
#include <vector>

#include "bench.hpp"
#include "hessopt/dropout/apply.hpp"
#include "hessopt/random/normal.hpp"

using namespace hessopt;
using namespace hessopt::bench;

static void philox_plane(benchmark::State& state) {
  std::uint32_t words[superblock_words];
  std::uint64_t s = 0;
  const Mask half(0.5, 1, 2);
  for (auto _ : state) {
    kernels::random().superblock(half, s++, words);
    benchmark::DoNotOptimize(words);
  }
  rate(state, "GB/s", sizeof words);
}
BENCHMARK(philox_plane);

static void normal_numbers(benchmark::State& state) {
  std::vector<float> z(1 << 14);
  for (auto _ : state) {
    normal_block(1, 0, 0, std::ssize(z), z.data());
    benchmark::DoNotOptimize(z.data());
  }
  rate(state, "Gelem/s", static_cast<double>(z.size()));
}
BENCHMARK(normal_numbers);

static void packed_mask(benchmark::State& state) {
  const Index n = 1 << 20;
  const Team team(state.range(1));
  const Mask mask(static_cast<double>(state.range(0)) / 100, 7, 0);
  std::vector<std::uint8_t> bits(static_cast<std::size_t>(n / 8));
  for (auto _ : state) {
    pack_mask(mask, 0, n, bits.data());
    benchmark::DoNotOptimize(bits.data());
  }
  rate(state, "Gelem/s", n);
}
BENCHMARK(packed_mask)
    ->ArgNames({"keep%", "threads"})
    ->ArgsProduct({{50, 80}, {1, 2}})
    ->UseRealTime();

static void fused_dropout(benchmark::State& state) {
  const Index n = 1'000'000;
  const Team team(state.range(1));
  const VectorOf<float> x = VectorOf<float>::Random(n);
  VectorOf<float> out(n);
  const Mask mask(1 - static_cast<double>(state.range(0)) / 100, 7, 0);
  const Walk<float> walk({{n, 1, 1, 1}}, x.data(), out.data());
  for (auto _ : state) {
    apply_mask(mask, 1.25f, 0, walk);
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, "GB/s", 8.0 * n);
}
BENCHMARK(fused_dropout)
    ->ArgNames({"rate%", "threads"})
    ->ArgsProduct({{50, 20}, {1, 2}})
    ->UseRealTime();
