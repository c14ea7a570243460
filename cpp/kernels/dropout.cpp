#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const DropoutKernels<float> dropout_f32{};
constinit const DropoutKernels<double> dropout_f64{};

}  // namespace hessopt::kernels::parts
