#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const SoftmaxKernels softmax{};

}  // namespace hessopt::kernels::parts
