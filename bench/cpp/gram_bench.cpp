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

// Rough Hessians, in flops of the same count: float32, and split bf16 on tile units.
template <bool Amx>
static void rough_gram(benchmark::State& state) {
  if (Amx && !has_amx()) return state.SkipWithError("no AMX here");
  const Index p = state.range(0), n = 20'000'000 / (p * p) + 1000;
  const RowMatrix x = random_matrix(n, p);
  const Vector w = Vector::Random(n).cwiseAbs();
  const Cut blocks{n, rows_per_block(p)};  // as objectives hand them over
  Matrix h = Matrix::Zero(p, p);
  for (auto _ : state) {
    for (Index b = 0; b < blocks.count(); ++b) {
      const auto block = view_of(x).middle_rows(blocks.begin(b), blocks.size(b));
      const double* weight = w.data() + blocks.begin(b);
      if constexpr (Amx)
        add_split_gram(block, weight, kernels::Tiles::amx, h);
      else
        detail::add_plain_gram<float>(block, weight, h);
    }
    benchmark::DoNotOptimize(h.data());
  }
  rate(state, "GFLOP/s", static_cast<double>(n * p * p));
}
BENCHMARK(rough_gram<false>)->Arg(10)->Arg(50)->Arg(100)->Arg(300)->Arg(1000);
BENCHMARK(rough_gram<true>)->Arg(10)->Arg(50)->Arg(100)->Arg(300)->Arg(1000);
