#include "parts.hpp"

namespace hessopt::kernels::parts {

constinit const RowKernels<float> rows_f32{};
constinit const RowKernels<double> rows_f64{};

}  // namespace hessopt::kernels::parts
