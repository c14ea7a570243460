// The two-loop recursion: 4 m n numbers have to be read, against read_bandwidth.
#include "bench.hpp"
#include "hessopt/linalg/lbfgs_history.hpp"

using namespace hessopt;
using namespace hessopt::bench;

static void two_loop_recursion(benchmark::State& state) {
  const Index n = state.range(0), m = 10;
  const Team team(state.range(1));
  LbfgsHistory history(n, m);
  for (Index k = 0; k < m; ++k) {
    const Vector s = Vector::Random(n);
    history.push(s, 2 * s);
  }
  const Vector g = Vector::Random(n);
  Vector q(n);
  for (auto _ : state) {
    q = g;
    history.apply(q);
    benchmark::DoNotOptimize(q.data());
  }
  rate(state, "GB/s", 4.0 * 8.0 * static_cast<double>(m * n));
}
BENCHMARK(two_loop_recursion)->ArgsProduct({{100, 10'000, 1'000'000}, {1, 2}})->UseRealTime();
