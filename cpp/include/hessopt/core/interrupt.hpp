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

// Thrown in the threads of a team of which one has thrown already: what they do is for nothing.
struct Abandoned {};

// Of the team that this thread works in: whether one has thrown.
inline const std::atomic<bool>*& team_has_thrown() {
  thread_local const std::atomic<bool>* flag = nullptr;
  return flag;
}

inline void poll_interrupt() {
  const auto* thrown = team_has_thrown();
  if (thrown != nullptr && thrown->load(std::memory_order_relaxed)) throw Abandoned{};
  if (Interruptible::depth() == 0) return;  // as in all threads but the one that began a loop
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
