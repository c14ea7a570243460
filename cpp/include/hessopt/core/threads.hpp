// The OpenMP team: how many threads a call may use, and the two loops that use them.
//
// The number is taken at call time in the calling thread, so OMP_NUM_THREADS and threadpoolctl
// govern it; it is 1 inside another parallel region, and 1 in a forked child, where libgomp's
// workers no longer exist and waiting for them would hang (GCC bug 60035).
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "hessopt/core/interrupt.hpp"
#include "hessopt/core/types.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace hessopt {

inline std::atomic<bool>& in_forked_child() {
  static std::atomic<bool> forked{false};
  return forked;
}

// Idempotent. The bindings call it at import, so that a fork before the first kernel counts too.
inline void install_fork_guard() {
#if defined(__unix__) || defined(__APPLE__)
  static const int installed =
      pthread_atfork(nullptr, nullptr, [] { in_forked_child().store(true); });
  (void)installed;
#endif
}

inline int max_threads() {
#ifdef _OPENMP
  install_fork_guard();
  if (in_forked_child().load() || omp_in_parallel()) return 1;
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// No more threads than tasks, and each with at least `share` tasks, where one task alone is not
// worth the microseconds that a team costs to start.
inline int team_size(Index tasks, Index share = 1) {
  return static_cast<int>(std::clamp<Index>(tasks / share, 1, max_threads()));
}

// Keeps the first exception of a team, which must not leave a parallel region, and rethrows it.
class FirstError {
 public:
  template <class F>
  void guard(F&& f) noexcept {
    if (happened()) return;
    const auto* outer = std::exchange(team_has_thrown(), &failed_);
    try {
      f();
    } catch (...) {
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
    team_has_thrown() = outer;
  }
  bool happened() const { return failed_.load(std::memory_order_relaxed); }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
};

// work(i) for i in 0 .. tasks; the tasks write to different places.
template <class Work>
void parallel_for(Index tasks, Work&& work, Index share = 1) {
  const int threads = team_size(tasks, share);
  if (threads == 1) {
    for (Index i = 0; i < tasks; ++i) {
      poll_interrupt();
      work(i);
    }
    return;
  }
  FirstError error;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (Index i = 0; i < tasks; ++i)
    error.guard([&] {
      poll_interrupt();
      work(i);
    });
  error.rethrow();
}

// Sums over tasks in the order of the tasks, whatever thread ran which:
//   partial = make(); for each task i: work(partial, i); merge(partial), which adds and clears it.
// Memory is one partial per thread.
template <class Make, class Work, class Merge>
void ordered_reduce(Index tasks, Make&& make, Work&& work, Merge&& merge) {
  const int threads = team_size(tasks);
  if (threads == 1) {
    auto partial = make();
    for (Index i = 0; i < tasks; ++i) {
      poll_interrupt();
      work(partial, i);
      merge(partial);
    }
    return;
  }
  FirstError error;
  using Partial = decltype(make());
  std::atomic<Index> next{0}, turn{0};  // the task that nobody has yet; the one to be merged next
#pragma omp parallel num_threads(threads)
  {
    std::optional<Partial> partial;
    error.guard([&] { partial.emplace(make()); });
    // Not OpenMP's ordered loop, which hands on the turn of every task that is left after an error.
    for (Index i; !error.happened() && (i = next.fetch_add(1)) < tasks;) {
      error.guard([&] {
        poll_interrupt();
        work(*partial, i);
      });
      for (Index now; (now = turn.load()) != i;) turn.wait(now);
      error.guard([&] { merge(*partial); });
      turn.store(i + 1);
      turn.notify_all();
    }
  }
  error.rethrow();
}

}  // namespace hessopt
