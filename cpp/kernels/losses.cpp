#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const LossKernels losses{};

}  // namespace hessopt::kernels::parts
