// Pointwise losses and their expectations, a block of rows a call.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct LossKernels {};

}  // namespace hessopt::kernels
