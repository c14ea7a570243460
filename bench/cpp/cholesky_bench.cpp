// Cholesky factorisation: n^3 / 3 flops, against peak_flops; and its solve, which reads L twice.
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
BENCHMARK(cholesky)->ArgsProduct({{10, 64, 128, 256, 300, 512, 1000, 2000}, {1, 2}})->UseRealTime();

static void cholesky_solve(benchmark::State& state) {
  const Index n = state.range(0);
  const Team team(state.range(1));
  Matrix l = 0.01 * random_matrix(n, n);
  l.diagonal().setOnes();
  Matrix x = Matrix::Ones(n, 1);
  for (auto _ : state) {
    x.setOnes();
    cholesky_solve_in_place(l, x);
    benchmark::DoNotOptimize(x.data());
  }
  rate(state, "GB/s", static_cast<double>(n * n) * sizeof(double));
}
BENCHMARK(cholesky_solve)->ArgsProduct({{64, 300, 1000, 4000}, {1, 2}})->UseRealTime();
