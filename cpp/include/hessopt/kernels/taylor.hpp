// The Taylor form of softmax under noise.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct TaylorKernels {};

}  // namespace hessopt::kernels
