// A way out of long loops: a hook that the loops call now and then, and that throws to abandon
// them. Whoever calls a kernel says that it may be abandoned; a state that would be left half
// changed says nothing.
#pragma once

#include <atomic>
#include <chrono>

namespace hessopt {

inline std::atomic<void (*)()> interrupt_hook{nullptr};

// While one lives, the loops begun by this thread may be abandoned.
class Interruptible {
 public:
  Interruptible() { ++depth(); }
  ~Interruptible() { --depth(); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  static int& depth() {
    thread_local int count = 0;
    return count;
  }
};

inline void poll_interrupt() {
  if (Interruptible::depth() == 0) return;
  const auto hook = interrupt_hook.load(std::memory_order_relaxed);
  if (hook == nullptr) return;
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point last = Clock::now();
  const auto now = Clock::now();
  if (now - last < std::chrono::milliseconds(50)) return;
  last = now;
  hook();
}

}  // namespace hessopt
