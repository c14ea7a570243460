// Numbers of the counter-based generator.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct RandomKernels {};

}  // namespace hessopt::kernels
