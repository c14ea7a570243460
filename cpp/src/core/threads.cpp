#include "hessopt/core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace hessopt {
namespace {

std::atomic<bool> in_forked_child{false};

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

int member() {
#ifdef _OPENMP
  return omp_get_thread_num();
#else
  return 0;
#endif
}

}  // namespace

void install_fork_guard() {
#if defined(__unix__) || defined(__APPLE__)
  static const int installed =
      pthread_atfork(nullptr, nullptr, [] { in_forked_child.store(true); });
  (void)installed;
#endif
}

int max_threads() {
#ifdef _OPENMP
  install_fork_guard();
  if (in_forked_child.load() || omp_in_parallel()) return 1;
  return omp_get_max_threads();
#else
  return 1;
#endif
}

int team_size(Index tasks, Index share) {
  return static_cast<int>(std::clamp<Index>(tasks / share, 1, max_threads()));
}

void parallel_for(Index tasks, FunctionRef<void(Index)> work, Index share) {
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

void ordered_reduce(Index tasks, int threads, FunctionRef<void(int)> make,
                    FunctionRef<void(int, Index)> work, FunctionRef<void(int)> merge) {
  if (threads == 1) {
    make(0);
    for (Index i = 0; i < tasks; ++i) {
      poll_interrupt();
      work(0, i);
      merge(0);
    }
    return;
  }
  FirstError error;
  std::atomic<Index> next{0}, turn{0};  // the task that nobody has yet; the one to be merged next
#pragma omp parallel num_threads(threads)
  {
    const int self = member();
    error.guard([&] { make(self); });
    // Not OpenMP's ordered loop, which hands on the turn of every task that is left after an error.
    for (Index i; !error.happened() && (i = next.fetch_add(1)) < tasks;) {
      error.guard([&] {
        poll_interrupt();
        work(self, i);
      });
      for (Index now; (now = turn.load()) != i;) turn.wait(now);
      error.guard([&] { merge(self); });
      turn.store(i + 1);
      turn.notify_all();
    }
  }
  error.rethrow();
}

}  // namespace hessopt
