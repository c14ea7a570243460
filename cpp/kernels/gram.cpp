#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const GramKernels gram{};

}  // namespace hessopt::kernels::parts
