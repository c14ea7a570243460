// Arrays one after another in memory that is there already, each on a line of the cache.
#pragma once

#include "hessopt/core/types.hpp"

namespace hessopt {

// A null start only counts.
class Layout {
 public:
  explicit Layout(char* start) : start_(start) {}

  template <class T>
  void take(T*& array, Index size) {
    array = start_ == nullptr ? nullptr : reinterpret_cast<T*>(start_ + used_);
    used_ += (size * static_cast<Index>(sizeof(T)) + 63) / 64 * 64;
  }
  Index used() const { return used_; }

 private:
  char* start_;
  Index used_ = 0;
};

}  // namespace hessopt
