// Probabilities of classes, a slice of rows a call.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

struct SoftmaxKernels {};

}  // namespace hessopt::kernels
