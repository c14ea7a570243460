// Sums over all masks of a few units, and statistics of many samples.
#pragma once

#include "hessopt/kernels/strided.hpp"
#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// Samples, a row each, `stride` numbers from one to the next.
struct Samples {
  const double* data;
  Index rows, cols, stride;
};

// Columns that the kernels of moments and tails are given at most.
inline constexpr Index most_columns = 512;

struct SumKernels {
  // out[z] = start + sum_j a_j z_j, and the probability keep^|z| (1 - keep)^(n - |z|), for the 2^n
  // masks z of n units.
  void (*units)(double start, const double* a, Index n, double* out) noexcept;
  void (*probabilities)(double keep, Index n, double* out) noexcept;
  // out = from + by
  void (*shift)(Index n, const double* from, double by, double* out) noexcept;
  // sums[j] = sum of r over the masks with unit j, sums[n] over all. r is used up.
  void (*fold)(double* r, Index n, double* sums) noexcept;
  // sums[j (n + 1) + k], k <= j: over the masks with both units, unit n being in all. r is used up;
  // scratch has room for half of it.
  void (*fold_pairs)(double* r, Index n, double* scratch, double* sums) noexcept;
  // sum_z P(z) sigma(start + sum_j a_j z_j) over the masks of blocks begin .. end: see MaskBlocks.
  double (*sigmoids)(double start, const double* a, Index n, double keep, Index begin,
                     Index end) noexcept;
  // E sigma of normal predictors with mean b + sum_j x_ij w_j, a predictor a row, and variance
  // c sum_j (x_ij w_j)^2, or c sum_j w_j^2 if `additive`.
  void (*normal_sigmoids_f32)(StridedMatrix<float> x, const double* w, double b, double c,
                              bool additive, double* out) noexcept;
  void (*normal_sigmoids_f64)(StridedMatrix<double> x, const double* w, double b, double c,
                              bool additive, double* out) noexcept;

  // sum += sum_i weight_i f_i, with what rounding has lost of it in `lost`.
  void (*add_weighted)(Samples f, const double* weight, double* sum, double* lost) noexcept;
  // The means of groups u of `group` samples after `count` of them: their mean, sum (u - mean)^2,
  // and sum (x - u)^2 of the samples of each.
  void (*add_moments)(Samples f, Index group, Index count, double* mean, double* between,
                      double* within) noexcept;
  // The same to the third order. out: the means of groups, a row each, without gaps.
  void (*add_third_moments)(Samples f, Index group, Index count, double* mean, double* second,
                            double* third, double* out) noexcept;
  // The shape of the generalised Pareto law of numbers x > 0 in ascending order, by `points` points
  // of its other parameter; scratch has room for twice as many, rounded up to a multiple of 8.
  double (*pareto_shape)(Index n, const double* x, Index points, double* scratch) noexcept;
  // -sum_c p_c log p_c of rows of `classes` probabilities; scratch has room for a row.
  void (*entropies)(Index rows, Index classes, const double* p, double* scratch,
                    double* out) noexcept;
  // Of the samples p of a group, after `count` groups of which `mean` is the mean:
  //   t = -sum_c p_c log m_c with m = (count mean - u / 2) / (count - 1/2), u the mean of p,
  //   h = -sum_c p_c log p_c
  // of each row of `classes` columns, and t - h. out: of each sample, out_stride numbers from one
  // to the next, t of the rows, part numbers later h, part later t - h. Scratch: three times cols,
  // each rounded up to a multiple of 8.
  void (*entropy_terms)(Samples p, Index classes, double count, const double* mean, double* scratch,
                        double* out, Index out_stride, Index part) noexcept;
};

}  // namespace hessopt::kernels
