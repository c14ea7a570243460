// Cholesky factorisation: n^3 / 3 flops, against peak_flops.
#include "bench.hpp"
#include "hessopt/linalg/cholesky.hpp"

using namespace hessopt;
using namespace hessopt::bench;

static void cholesky(benchmark::State& state) {
  const Index n = state.range(0);
  const Team team(state.range(1));
  const Matrix a = random_matrix(n, n);
  const Matrix h = a * a.transpose() + static_cast<double>(n) * Matrix::Identity(n, n);
  Matrix l(n, n);
  for (auto _ : state) {
    l = h;
    benchmark::DoNotOptimize(cholesky_factor(l));
  }
  rate(state, "GFLOP/s", static_cast<double>(n * n * n) / 3);
}
BENCHMARK(cholesky)->ArgsProduct({{10, 64, 128, 300, 1000}, {1, 2}})->UseRealTime();
