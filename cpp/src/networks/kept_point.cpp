#include "hessopt/networks/kept_point.hpp"

#include <new>

namespace hessopt {
namespace {

constexpr std::align_val_t alignment{64};

}  // namespace

bool KeptPoint::holds(ConstVectorRef x, bool curved) const {
  return x_.size() == x.size() && x_ == x && (parts_.curved || !curved);
}

bool KeptPoint::returns_to(ConstVectorRef x) {
  if (last_.size() == x.size() && last_ == x) return true;
  last_ = x;
  return false;
}

char* KeptPoint::make_room(Index bytes) {
  x_.resize(0);
  if (size_ < bytes) {
    release();
    data_ = static_cast<char*>(::operator new(static_cast<std::size_t>(bytes), alignment));
    size_ = bytes;
  }
  return data_;
}

void KeptPoint::keep(ConstVectorRef x, BlockParts parts, double value) {
  x_ = x;
  parts_ = parts;
  value_ = value;
}

void KeptPoint::release() {
  ::operator delete(data_, alignment);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace hessopt
