#include "hessopt/core/scratch.hpp"

#include <new>
#include <utility>

namespace hessopt {
namespace {

constexpr std::align_val_t alignment{64};
// Above this, work takes long enough for fresh memory to cost nothing beside it.
constexpr std::size_t most_kept = std::size_t{1} << 26;

void release(void* data) { ::operator delete(data, alignment); }

// What no call holds at the moment: of two at once, one within the other, the inner one finds
// nothing here and allocates.
struct Kept {
  void* data = nullptr;
  std::size_t size = 0;

  ~Kept() { release(data); }
};
thread_local Kept kept;

}  // namespace

Scratch::Scratch(std::ptrdiff_t bytes)
    : data_(std::exchange(kept.data, nullptr)), size_(std::exchange(kept.size, 0)) {
  const auto wanted = static_cast<std::size_t>(bytes);
  if (size_ >= wanted) return;
  release(data_);
  data_ = ::operator new(wanted, alignment);
  size_ = wanted;
}

Scratch::~Scratch() {
  if (size_ <= most_kept && size_ >= kept.size) {
    std::swap(kept.data, data_);
    kept.size = size_;
  }
  release(data_);
}

}  // namespace hessopt
