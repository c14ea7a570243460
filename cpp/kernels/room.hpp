// Arrays one after another in the scratch memory of a kernel, each aligned as the first is.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {
namespace {

class Room {
 public:
  explicit Room(void* scratch) : next_(static_cast<char*>(scratch)) {}

  template <class T>
  T* take(Index size) {
    T* out = reinterpret_cast<T*>(next_);
    next_ += bytes<T>(size);
    return out;
  }
  template <class T>
  static Index bytes(Index size) {
    constexpr Index line = 64;
    return (size * static_cast<Index>(sizeof(T)) + line - 1) / line * line;
  }

 private:
  char* next_;
};

}  // namespace
}  // namespace hessopt::kernels
