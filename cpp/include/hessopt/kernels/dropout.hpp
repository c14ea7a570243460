// Masks and noise put on data.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

template <class T>
struct DropoutKernels {};

}  // namespace hessopt::kernels
