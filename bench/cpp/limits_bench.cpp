// The limits of the machine: reading memory, copying it, and multiply-adds in registers.
#include <cstring>

#include "bench.hpp"
#include "hessopt/core/huge_pages.hpp"
#include "hessopt/linalg/vector_ops.hpp"

using namespace hessopt;
using namespace hessopt::bench;

static void read_bandwidth(benchmark::State& state) {
  const Team team(state.range(1));
  Vector a(state.range(0)), b(state.range(0));
  for (Vector* v : {&a, &b}) {  // small pages would lower the limit
    advise_huge_pages(v->data(), sizeof(double) * static_cast<std::size_t>(v->size()));
    v->setRandom();
  }
  for (auto _ : state) benchmark::DoNotOptimize(dot(a, b));
  rate(state, "GB/s", 16.0 * static_cast<double>(a.size()));
}
BENCHMARK(read_bandwidth)->ArgsProduct({{1'000, 10'000'000}, {1, 2}})->UseRealTime();

static void copy_bandwidth(benchmark::State& state) {
  const Vector a = Vector::Random(state.range(0));
  Vector b(a.size());
  for (auto _ : state) {
    std::memcpy(b.data(), a.data(), sizeof(double) * static_cast<std::size_t>(a.size()));
    benchmark::ClobberMemory();
  }
  rate(state, "GB/s", 16.0 * static_cast<double>(a.size()));
}
BENCHMARK(copy_bandwidth)->Arg(500'000)->Arg(10'000'000);

// Twelve independent chains per packet keep every multiply-add unit busy.
static void peak_flops(benchmark::State& state) {
  using Packet = Eigen::internal::packet_traits<double>::type;
  constexpr int chains = 12, repeats = 1000;
  Packet sums[chains];
  const Packet x = Eigen::internal::pset1<Packet>(0.5), y = Eigen::internal::pset1<Packet>(1.0);
  for (auto& s : sums) s = y;
  for (auto _ : state) {
    for (int r = 0; r < repeats; ++r)
      for (auto& s : sums) s = Eigen::internal::pmadd(s, x, y);
    benchmark::DoNotOptimize(sums);
  }
  constexpr int lanes = sizeof(Packet) / sizeof(double);
  rate(state, "GFLOP/s", 2.0 * chains * repeats * lanes);
}
BENCHMARK(peak_flops);
