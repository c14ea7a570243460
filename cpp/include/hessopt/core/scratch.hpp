// Memory for the length of a call, above all for that of a kernel, which allocates nothing itself.
// A thread keeps it for its next call. What is in it is what the last one left there.
#pragma once

#include <cstddef>

namespace hessopt {

class Scratch {
 public:
  explicit Scratch(std::ptrdiff_t bytes);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void* data() const { return data_; }  // aligned to 64 bytes

 private:
  void* data_;
  std::size_t size_;
};

}  // namespace hessopt
