// A block of dense rows: products, moments, copies.
#pragma once

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

template <class T>
struct RowKernels {};

}  // namespace hessopt::kernels
