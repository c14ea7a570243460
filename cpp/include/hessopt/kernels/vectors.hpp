// Passes over long vectors.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

template <class T>
struct VectorKernels {};

}  // namespace hessopt::kernels
