#include "hessopt/kernels/networks.hpp"

#include <iterator>

#include "activations.hpp"
#include "network_columns.hpp"
#include "network_norms.hpp"
#include "network_pairs.hpp"
#include "network_products.hpp"
#include "parts.hpp"

namespace hessopt::kernels {
namespace {

#define HESSOPT_LIST(A) activation_of<A, T>(),
template <Real T>
constinit const ActivationKernel<T> activations[] = {HESSOPT_FOR_EACH_ACTIVATION(HESSOPT_LIST)};
#undef HESSOPT_LIST

template <Real T>
consteval NetworkKernels<T> kernels_of() {
  return {
      .activations = activations<T>,
      .n_activations = std::ssize(activations<T>),
      .transpose = &transpose_rows<T>,
      .times = &times<T>,
      .add_inner = &add_inner<T>,
      .add_inner_of_blocks = &add_inner_of_blocks<T>,
      .add_sums = &add_sums<T>,
      .mask = &mask_columns<T>,
      .multiply = &multiply_columns<T>,
      .add = &add_columns<T>,
      .product_rule = &product_rule<T>,
      .multiply_by_column = &multiply_by_column<T>,
      .add_by_column = &add_by_column<T>,
      .normalize = &normalize_columns<T>,
      .combine = &combine_columns<T>,
      .add_moments = &add_moments<T>,
  };
}

}  // namespace

constinit const NetworkKernels<float> parts::networks_f32 = kernels_of<float>();
constinit const NetworkKernels<double> parts::networks_f64 = kernels_of<double>();

}  // namespace hessopt::kernels
