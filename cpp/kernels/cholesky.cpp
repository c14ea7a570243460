#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const CholeskyKernels<float> cholesky_f32{};
constinit const CholeskyKernels<double> cholesky_f64{};

}  // namespace hessopt::kernels::parts
