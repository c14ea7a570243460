// X'WX: n p^2 flops, the symmetric half, against peak_flops.
#include "bench.hpp"
#include "hessopt/linalg/gram.hpp"

using namespace hessopt;
using namespace hessopt::bench;

template <Real T>
static void weighted_gram_of(benchmark::State& state) {
  const Index p = state.range(0), n = 20'000'000 / (p * p) + 1000;
  const Team team(state.range(1));
  const RowMatrixOf<T> x = random_matrix(n, p).cast<T>();
  const VectorOf<T> w = VectorOf<T>::Random(n);
  for (auto _ : state)
    benchmark::DoNotOptimize(weighted_gram(view_of(x), VectorView<T>{w.data(), n, 1}).data());
  rate(state, "GFLOP/s", static_cast<double>(n * p * p));
}
BENCHMARK(weighted_gram_of<double>)->ArgsProduct({{10, 50, 100, 300, 1000}, {1, 2}})->UseRealTime();
BENCHMARK(weighted_gram_of<float>)->ArgsProduct({{50, 300}, {1, 2}})->UseRealTime();
