// An elementwise pass over a tensor that lies anywhere in memory, in runs of flat mask index.
//
// Each axis has a size and three strides: of the tensor read, of the tensor written, and of the
// mask index. An axis along which one mask is shared (a channel's pixels, the rows of a batch, the
// steps of a sequence) has mask stride 0, and that is all that sharing is.
#pragma once

#include <vector>

#include "hessopt/core/function_ref.hpp"
#include "hessopt/core/types.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

using kernels::Axis;

// Larger than this, what is written would not stay in a cache anyway.
inline constexpr Index most_cached_bytes = Index{32} << 20;

template <Real T>
class Walk {
 public:
  // x and out are the same or apart.
  Walk(const std::vector<Axis>& axes, const T* x, T* out);

  // kernel(pass, begin, end) for pieces begin .. end that are all of the tensor, on all threads.
  void run(FunctionRef<void(const kernels::Pass<T>&, Index, Index)> kernel) const;

 private:
  std::vector<Axis> axes_;  // as few as the strides allow, at least one
  const T* x_;
  T* out_;
  Index rows_;
  bool streams_;
};

}  // namespace hessopt
