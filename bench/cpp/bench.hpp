// What the microbenchmarks share: data, a team size, and rates that can be held against the limits
// of limits_bench.cpp, measured in the same run.
#pragma once

#include <benchmark/benchmark.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "hessopt/core/threads.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt::bench {

inline Matrix random_matrix(Index rows, Index cols) { return Matrix::Random(rows, cols); }

// For the length of a benchmark: its last argument is the number of threads.
class Team {
 public:
  explicit Team(Index threads) : before_(max_threads()) { set(static_cast<int>(threads)); }
  ~Team() { set(before_); }

 private:
  static void set([[maybe_unused]] int threads) {
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
  }
  int before_;
};

// `per_iteration` units of work, shown as a rate in 10^9 per second.
inline void rate(benchmark::State& state, const char* name, double per_iteration) {
  state.counters[name] =
      benchmark::Counter(1e-9 * per_iteration, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace hessopt::bench
