// Tiles of Cholesky factors and solves by them.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

template <class T>
struct CholeskyKernels {};

}  // namespace hessopt::kernels
