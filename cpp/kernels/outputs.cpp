#include "hessopt/kernels/outputs.hpp"

#include "output_products.hpp"
#include "parts.hpp"

namespace hessopt::kernels::parts {
namespace {

template <Real T, Real S>
consteval OutputKernels<T, S> kernels_of() {
  return {.multiply = &multiply_all<T, S>, .add_transposed = &add_all_transposed<T, S>};
}

}  // namespace

constinit const OutputKernels<float, float> outputs_f32 = kernels_of<float, float>();
constinit const OutputKernels<float, double> outputs_mixed = kernels_of<float, double>();
constinit const OutputKernels<double, double> outputs_f64 = kernels_of<double, double>();

}  // namespace hessopt::kernels::parts
