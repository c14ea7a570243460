// The OpenMP team: how many threads a call may use, and the two loops that use them.
//
// The number is taken at call time in the calling thread, so OMP_NUM_THREADS and threadpoolctl
// govern it; it is 1 inside another parallel region, and 1 in a forked child, where libgomp's
// workers no longer exist and waiting for them would hang (GCC bug 60035).
#pragma once

#include <optional>
#include <vector>

#include "hessopt/core/function_ref.hpp"
#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/types.hpp"

namespace hessopt {

// Idempotent. The bindings call it at import, so that a fork before the first kernel counts too.
void install_fork_guard();

int max_threads();

// No more threads than tasks, and each with at least `share` tasks, where one task alone is not
// worth the microseconds that a team costs to start.
int team_size(Index tasks, Index share = 1);

// work(i) for i in 0 .. tasks; the tasks write to different places.
void parallel_for(Index tasks, FunctionRef<void(Index)> work, Index share = 1);

// make(member) of each thread of a team of `threads`; work(member, i) for i in 0 .. tasks, by
// whatever member; merge(member) after it, in the order of the tasks.
void ordered_reduce(Index tasks, int threads, FunctionRef<void(int)> make,
                    FunctionRef<void(int, Index)> work, FunctionRef<void(int)> merge);

// Sums over tasks in the order of the tasks, whatever thread ran which:
//   partial = make(); for each task i: work(partial, i); merge(partial), which adds and clears it.
// Memory is one partial per thread.
template <class Make, class Work, class Merge>
void ordered_reduce(Index tasks, Make&& make, Work&& work, Merge&& merge) {
  using Partial = decltype(make());
  const int threads = team_size(tasks);
  std::vector<std::optional<Partial>> partials(static_cast<std::size_t>(threads));
  const auto of = [&](int member) -> Partial& {
    return *partials[static_cast<std::size_t>(member)];
  };
  ordered_reduce(
      tasks, threads,
      [&](int member) { partials[static_cast<std::size_t>(member)].emplace(make()); },
      [&](int member, Index i) { work(of(member), i); }, [&](int member) { merge(of(member)); });
}

}  // namespace hessopt
