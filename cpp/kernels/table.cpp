// The table of one level: addresses alone, so that it is there before anything runs.
#include "hessopt/kernels/table.hpp"

#include <Eigen/Core>

#include "parts.hpp"

#ifndef HESSOPT_LEVEL
#define HESSOPT_LEVEL ""
#endif

namespace hessopt::kernels {

extern const Table table;
constinit const Table table{
    .size = table_size,
    .level = HESSOPT_LEVEL,
    .simd = &Eigen::SimdInstructionSetsInUse,
    .batch = &parts::batch,
    .cholesky_f32 = &parts::cholesky_f32,
    .cholesky_f64 = &parts::cholesky_f64,
    .codes = &parts::codes,
    .dropout_f32 = &parts::dropout_f32,
    .dropout_f64 = &parts::dropout_f64,
    .gram = &parts::gram,
    .losses = &parts::losses,
    .networks_f32 = &parts::networks_f32,
    .networks_f64 = &parts::networks_f64,
    .outputs_f32 = &parts::outputs_f32,
    .outputs_mixed = &parts::outputs_mixed,
    .outputs_f64 = &parts::outputs_f64,
    .random = &parts::random,
    .rows_f32 = &parts::rows_f32,
    .rows_f64 = &parts::rows_f64,
    .scattered = &parts::scattered,
    .softmax = &parts::softmax,
    .sparse = &parts::sparse,
    .sums = &parts::sums,
    .taylor = &parts::taylor,
    .vectors_f32 = &parts::vectors_f32,
    .vectors_f64 = &parts::vectors_f64,
};

}  // namespace hessopt::kernels
