#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const TaylorKernels taylor{};

}  // namespace hessopt::kernels::parts
