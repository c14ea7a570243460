#include "hessopt/core/interrupt.hpp"

#include <chrono>
#include <exception>
#include <new>
#include <utility>

namespace hessopt {
namespace {

thread_local std::exception_ptr thrown_in_kernel;

}  // namespace

std::atomic<void (*)()> interrupt_hook{nullptr};

int& Interruptible::depth() {
  thread_local int count = 0;
  return count;
}

const std::atomic<bool>*& team_has_thrown() {
  thread_local const std::atomic<bool>* flag = nullptr;
  return flag;
}

void poll_interrupt() {
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

bool poll_in_kernel() noexcept {
  try {
    poll_interrupt();
    return false;
  } catch (...) {
    thrown_in_kernel = std::current_exception();
    return true;
  }
}

void require_done(kernels::Outcome outcome) {
  if (outcome == kernels::Outcome::no_memory) throw std::bad_alloc();
  if (outcome == kernels::Outcome::abandoned)
    std::rethrow_exception(std::exchange(thrown_in_kernel, nullptr));
}

}  // namespace hessopt
