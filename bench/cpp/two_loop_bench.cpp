// The direction of L-BFGS: 4 m n numbers have to be read, against read_bandwidth.
#include "bench.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"

using namespace hessopt;
using namespace hessopt::bench;

static void two_loop_recursion(benchmark::State& state) {
  const Index n = state.range(0), m = 10;
  const Team team(state.range(1));
  LbfgsHistory<double> history(n, m);
  const Vector zero = Vector::Zero(n);
  for (Index k = 0; k < m; ++k) {
    const Vector s = Vector::Random(n);
    history.push<double>(zero, s, zero, 2 * s, 1.0);
  }
  const Vector g = Vector::Random(n);
  for (auto _ : state) {
    const Vector q = history.apply(g);
    benchmark::DoNotOptimize(q.data());
  }
  rate(state, "GB/s", 4.0 * 8.0 * static_cast<double>(m * n));
}
BENCHMARK(two_loop_recursion)->ArgsProduct({{100, 10'000, 1'000'000}, {1, 2}})->UseRealTime();
