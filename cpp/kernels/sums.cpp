#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const SumKernels sums{};

}  // namespace hessopt::kernels::parts
