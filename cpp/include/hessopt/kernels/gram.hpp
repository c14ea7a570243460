// Weighted Gram matrices.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct GramKernels {};

}  // namespace hessopt::kernels
