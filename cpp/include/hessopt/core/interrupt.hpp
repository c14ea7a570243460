// A way out of long loops: a hook that the loops call now and then, and that throws to abandon
// them. Whoever calls a kernel says that it may be abandoned; a state that would be left half
// changed says nothing.
#pragma once

#include <atomic>

#include "hessopt/kernels/types.hpp"

namespace hessopt {

extern std::atomic<void (*)()> interrupt_hook;

// While one lives, the loops begun by this thread may be abandoned.
class Interruptible {
 public:
  Interruptible() { ++depth(); }
  ~Interruptible() { --depth(); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  static int& depth();
};

// Thrown in the threads of a team of which one has thrown already: what they do is for nothing.
struct Abandoned {};

// Of the team that this thread works in: whether one has thrown.
const std::atomic<bool>*& team_has_thrown();

void poll_interrupt();

// The same for a kernel, which cannot throw: what was thrown is kept, and thrown again by
// require_done once the kernel has returned.
bool poll_in_kernel() noexcept;
void require_done(kernels::Outcome outcome);

}  // namespace hessopt
