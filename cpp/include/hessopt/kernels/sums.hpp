// Enumeration and statistics.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct SumKernels {};

}  // namespace hessopt::kernels
