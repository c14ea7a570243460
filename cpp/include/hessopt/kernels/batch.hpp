// Many small problems: the sums of one over its rows, and the steps of as many as a packet has
// lanes.
#pragma once

#include "hessopt/kernels/rows.hpp"

namespace hessopt::kernels {

// (H + lambda D) d = b of the coordinates that are not held; d is 0 on those.
struct DampedSystem {
  const double* h;         // the lower triangle, row by row without gaps
  const double* diagonal;  // D
  const double* right;     // b
  const unsigned char* held;
  double lambda;
  double* out;  // d
  // The smallest pivot, relative to the diagonal that it is of; 0 where there is no factor.
  double least_pivot;
};

struct BatchKernels {
  Index lanes;  // systems that are solved side by side
  Index (*scratch)(Index n) noexcept;
  // No more systems than lanes. One has no factor where a pivot is `least` of its diagonal or less.
  void (*solve_damped)(DampedSystem* systems, Index count, Index n, double least,
                       void* scratch) noexcept;
  // g += sum_k weight_k x_k, and lower(H) += sum_k weight_k x_k x_k' with `ld` numbers from one row
  // of H to the next; null: weights of 1.
  void (*add_rows_f32)(DenseBlock<float> x, const double* weight, double* g) noexcept;
  void (*add_rows_f64)(DenseBlock<double> x, const double* weight, double* g) noexcept;
  void (*add_squares_f32)(DenseBlock<float> x, const double* weight, double* h, Index ld) noexcept;
  void (*add_squares_f64)(DenseBlock<double> x, const double* weight, double* h, Index ld) noexcept;
};

}  // namespace hessopt::kernels
