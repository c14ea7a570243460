// The direction of L-BFGS: 4 m n numbers have to be read, against read_bandwidth.
#include "bench.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"

using namespace hessopt;
using namespace hessopt::bench;

template <Real T>
static void lbfgs_direction(benchmark::State& state) {
  const Index n = state.range(0), m = 10;
  const Team team(state.range(1));
  LbfgsHistory<T> history(n, m);
  const VectorOf<T> zero = VectorOf<T>::Zero(n);
  for (Index k = 0; k < m; ++k) {
    const VectorOf<T> s = VectorOf<T>::Random(n), y = 2 * s;
    history.template push<T>(zero, s, zero, y, 1.0);
  }
  const VectorOf<T> g = VectorOf<T>::Random(n);
  VectorOf<T> d = g;
  for (auto _ : state) {
    history.template apply<T>(g, -1, d);
    benchmark::DoNotOptimize(d.data());
  }
  rate(state, "GB/s", 4.0 * sizeof(T) * static_cast<double>(m * n));
}
BENCHMARK(lbfgs_direction<double>)
    ->ArgsProduct({{100, 10'000, 1'000'000, 10'000'000}, {1, 2}})
    ->UseRealTime();
BENCHMARK(lbfgs_direction<float>)->ArgsProduct({{10'000'000}, {1, 2}})->UseRealTime();
