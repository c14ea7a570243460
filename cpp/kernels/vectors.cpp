#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const VectorKernels<float> vectors_f32{};
constinit const VectorKernels<double> vectors_f64{};

}  // namespace hessopt::kernels::parts
