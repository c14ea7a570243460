#include "hessopt/kernels/rows.hpp"

#include "moments.hpp"
#include "pack_rows.hpp"
#include "parts.hpp"
#include "row_copies.hpp"
#include "row_products.hpp"
#include "square_products.hpp"

namespace hessopt::kernels::parts {
namespace {

template <Real T>
consteval RowKernels<T> kernels_of() {
  return {
      .pack = [](const StridedMatrix<T>& x, T* out) noexcept { pack_rows(x, out); },
      .all_finite = &all_finite<T>,
      .widen = &widen<T>,
      .multiply = &multiply<T>,
      .add_transposed = &add_transposed<T>,
      .multiply_with_squares = &multiply_with_squares<T>,
      .add_transposed_with_squares = &add_transposed_with_squares<T>,
      .add_deviations = &add_deviations<T>,
      .add_squares = &add_squares<T>,
      .add_ranges = &add_ranges<T>,
  };
}

}  // namespace

constinit const RowKernels<float> rows_f32 = kernels_of<float>();
constinit const RowKernels<double> rows_f64 = kernels_of<double>();

}  // namespace hessopt::kernels::parts
