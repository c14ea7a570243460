#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const RandomKernels random{};

}  // namespace hessopt::kernels::parts
