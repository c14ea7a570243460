#include "hessopt/kernels/losses.hpp"

#include <cmath>
#include <iterator>

#include "hessopt/losses/table.hpp"
#include "loss_kernel.hpp"
#include "parts.hpp"
#include "tilt.hpp"

namespace hessopt::kernels {
namespace {

#define HESSOPT_LIST(L) kernel_of<L>(),
constinit const LossKernel table_of_losses[] = {HESSOPT_FOR_EACH_LOSS(HESSOPT_LIST)};
#undef HESSOPT_LIST

void multiply(Index n, const double* factor, double* v) noexcept {
  for (Index i = 0; i < n; ++i) v[i] = factor[i] == 0 ? 0 : v[i] * factor[i];
}

void multiply_by_pairs(Index n, const double* a, const double* b, const double* c, double* u,
                       double* t) noexcept {
  for (Index i = 0; i < n; ++i) {
    const double u_i = u[i], t_i = t[i];
    u[i] = a[i] * u_i + b[i] * t_i;
    t[i] = b[i] * u_i + c[i] * t_i;
  }
}

// One Jacobi rotation, which keeps the digits of a small axis beside a large one.
void find_axes(Index n, const double* a, const double* b, const double* c,
               double* const* axes) noexcept {
  for (Index i = 0; i < n; ++i) {
    const double gap = c[i] - a[i], twice = 2 * b[i];
    const double t = b[i] == 0 ? 0 : twice / (gap + std::copysign(std::hypot(gap, twice), gap));
    const double cosine = 1 / std::sqrt(1 + t * t), sine = t * cosine;
    const double values[6] = {cosine, -sine, a[i] - t * b[i], sine, cosine, c[i] + t * b[i]};
    for (int k = 0; k < 6; ++k) axes[k][i] = values[k];
  }
}

void weighted_exponentials(Index n, const double* scale, const double* weight, double* e) noexcept {
  for (Index i = 0; i < n; i += chunk_rows)
    chunk_at(e + i) =
        chunk_at(scale + i) * hessopt::detail::exponential(chunk_at(e + i)) * chunk_at(weight + i);
}

}  // namespace

constinit const LossKernels parts::losses{
    .each = table_of_losses,
    .count = std::ssize(table_of_losses),
    .multiply = &multiply,
    .multiply_by_pairs = &multiply_by_pairs,
    .find_axes = &find_axes,
    .weighted_exponentials = &weighted_exponentials,
    .combine_rows = &combine_rows,
    .tilt = &tilt,
};

}  // namespace hessopt::kernels
