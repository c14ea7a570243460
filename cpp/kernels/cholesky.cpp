#include "hessopt/kernels/cholesky.hpp"

#include "cholesky_columns.hpp"
#include "interleaved.hpp"
#include "modification.hpp"
#include "parts.hpp"
#include "symmetric.hpp"
#include "triangular.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
constexpr CholeskyKernels<T> kernels_of{
    {.tile_rows = TileShape<T>::rows,
     .factor_diagonal = &factor_diagonal<T>,
     .solve_panel = &solve_panel<T>,
     .update = &update<T>},
    {.forward = &forward<T>,
     .backward = &backward<T>,
     .subtract_columns = &subtract_columns<T>,
     .subtract_dots = &subtract_dots<T>,
     .solve_many = &solve_many<T>},
    {.rotate_triangle = &rotate_triangle<T>,
     .rotate_rows = &rotate_rows<T>,
     .largest = &largest<T>,
     .lift_columns = &lift_columns<T>,
     .subtract_outer = &subtract_outer<T>},
    {.stack_lanes = lanes<T>, .stack_scratch = &stack_scratch<T>, .solve_stack = &solve_stack<T>},
    {.copy_lower = &copy_lower<T>,
     .off_diagonal_sums = &off_diagonal_sums<T>,
     .multiply = &multiply<T>,
     .add_outer = &add_outer<T>,
     .residual = &residual<T>}};

}  // namespace

constinit const CholeskyKernels<float> parts::cholesky_f32 = kernels_of<float>;
constinit const CholeskyKernels<double> parts::cholesky_f64 = kernels_of<double>;

}  // namespace hessopt::kernels
