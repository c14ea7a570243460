// What a network leaves at a point: what every block has at its layers and its outputs. Products
// along many directions at one x, as Newton-CG makes them, find it there and compute no more than
// what the direction changes.
#pragma once

#include <mutex>

#include "hessopt/networks/block.hpp"

namespace hessopt {

class KeptPoint {
 public:
  KeptPoint() = default;
  ~KeptPoint() { release(); }
  KeptPoint(const KeptPoint&) = delete;
  KeptPoint& operator=(const KeptPoint&) = delete;

  // One call at a time; others go without.
  std::mutex& mutex() { return mutex_; }
  // Whether it is that of x, with what products need: of the Hessian, or of Gauss-Newton.
  bool holds(ConstVectorRef x, bool curved) const;
  // Whether the products before were at x as well. To write a point to memory costs a seventh of a
  // product, which one alone would not get back.
  bool returns_to(ConstVectorRef x);
  BlockParts parts() const { return parts_; }
  double value() const { return value_; }
  char* data() const { return data_; }

  // Forgets, and has room for so many bytes.
  char* make_room(Index bytes);
  // What has been written there is that of x.
  void keep(ConstVectorRef x, BlockParts parts, double value);

 private:
  void release();

  std::mutex mutex_;
  Vector x_;  // empty: of none
  Vector last_;
  BlockParts parts_;
  double value_ = 0;
  char* data_ = nullptr;
  Index size_ = 0;
};

}  // namespace hessopt
