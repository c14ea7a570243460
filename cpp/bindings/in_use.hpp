// Many threads, one object: any number may read it, one alone may change it.
#pragma once

#include <atomic>
#include <stdexcept>

namespace hessopt::bindings {

// Kernels run without the GIL, so that a second thread may come in the middle of a change. That is
// an error: a thread that waits while it holds the GIL for one that wants it would be a deadlock.
class InUse {
 public:
  InUse() = default;
  InUse(InUse&&) noexcept {}  // an object that is moved is not in use
  InUse& operator=(InUse&&) noexcept { return *this; }

  class Reading {
   public:
    explicit Reading(const InUse& object) : users_(object.users_) {
      object.require_whole();
      int users = users_.load(std::memory_order_relaxed);
      do {
        if (users < 0) refuse();
      } while (!users_.compare_exchange_weak(users, users + 1, std::memory_order_acquire));
    }
    ~Reading() { users_.fetch_sub(1, std::memory_order_release); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    std::atomic<int>& users_;
  };

  class Changing {
   public:
    explicit Changing(const InUse& object) : users_(object.users_) {
      object.require_whole();
      int none = 0;
      if (!users_.compare_exchange_strong(none, -1, std::memory_order_acquire)) refuse();
    }
    ~Changing() { users_.store(0, std::memory_order_release); }
    Changing(const Changing&) = delete;
    Changing& operator=(const Changing&) = delete;

   private:
    std::atomic<int>& users_;
  };

  // A change that failed half-way: what is left may not be read.
  void lose() { lost_.store(true); }

 private:
  void require_whole() const {
    if (lost_.load())
      throw std::runtime_error(
          "self: got a call on an object that was left half changed when memory ran out; want its "
          "last pickle or checkpoint");
  }
  [[noreturn]] static void refuse() {
    throw std::runtime_error(
        "self: got a call while another is at work on this object; want one thread at a time, or "
        "an object for each");
  }

  mutable std::atomic<int> users_{0};  // those who read it; -1: one who changes it
  std::atomic<bool> lost_{false};
};

}  // namespace hessopt::bindings
