// The parts of the table, each defined in the file of its name.
#pragma once

#include "hessopt/kernels/table.hpp"

namespace hessopt::kernels::parts {

extern const BatchKernels batch;
extern const CholeskyKernels<float> cholesky_f32;
extern const CholeskyKernels<double> cholesky_f64;
extern const CodeKernels codes;
extern const DropoutKernels<float> dropout_f32;
extern const DropoutKernels<double> dropout_f64;
extern const GramKernels gram;
extern const LossKernels losses;
extern const NetworkKernels<float> networks_f32;
extern const NetworkKernels<double> networks_f64;
extern const OutputKernels<float, float> outputs_f32;
extern const OutputKernels<float, double> outputs_mixed;
extern const OutputKernels<double, double> outputs_f64;
extern const RandomKernels random;
extern const RowKernels<float> rows_f32;
extern const RowKernels<double> rows_f64;
extern const ScatteredKernels scattered;
extern const SoftmaxKernels softmax;
extern const SparseKernels sparse;
extern const SumKernels sums;
extern const TaylorKernels taylor;
extern const VectorKernels<float> vectors_f32;
extern const VectorKernels<double> vectors_f64;

}  // namespace hessopt::kernels::parts
