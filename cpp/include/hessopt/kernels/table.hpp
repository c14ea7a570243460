// The kernels: what loops over data at the width of a register, compiled once for each level of
// instruction sets. All else is compiled once, and calls them through this table.
//
// A kernel is given plain pointers, sizes and strides. It throws nothing, allocates nothing, starts
// no thread and knows no Eigen type, since Eigen's inline functions compiled with different flags
// must never meet. Scratch memory is handed in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hessopt/kernels/batch.hpp"
#include "hessopt/kernels/cholesky.hpp"
#include "hessopt/kernels/codes.hpp"
#include "hessopt/kernels/dropout.hpp"
#include "hessopt/kernels/gram.hpp"
#include "hessopt/kernels/losses.hpp"
#include "hessopt/kernels/networks.hpp"
#include "hessopt/kernels/outputs.hpp"
#include "hessopt/kernels/random.hpp"
#include "hessopt/kernels/rows.hpp"
#include "hessopt/kernels/scattered.hpp"
#include "hessopt/kernels/softmax.hpp"
#include "hessopt/kernels/sparse.hpp"
#include "hessopt/kernels/sums.hpp"
#include "hessopt/kernels/taylor.hpp"
#include "hessopt/kernels/vectors.hpp"

namespace hessopt::kernels {

struct Table {
  std::uint64_t size;     // of all that is reached from here, by which builds are told apart
  const char* level;      // "v3" and the like; empty where it is left to the compiler's flags
  const char* (*simd)();  // Eigen's words for the instruction sets
  const BatchKernels* batch;
  const CholeskyKernels<float>* cholesky_f32;
  const CholeskyKernels<double>* cholesky_f64;
  const CodeKernels* codes;
  const DropoutKernels<float>* dropout_f32;
  const DropoutKernels<double>* dropout_f64;
  const GramKernels* gram;
  const LossKernels* losses;
  const NetworkKernels<float>* networks_f32;
  const NetworkKernels<double>* networks_f64;
  const OutputKernels<float, float>* outputs_f32;
  const OutputKernels<float, double>* outputs_mixed;
  const OutputKernels<double, double>* outputs_f64;
  const RandomKernels* random;
  const RowKernels<float>* rows_f32;
  const RowKernels<double>* rows_f64;
  const ScatteredKernels* scattered;
  const SoftmaxKernels* softmax;
  const SparseKernels* sparse;
  const SumKernels* sums;
  const TaylorKernels* taylor;
  const VectorKernels<float>* vectors_f32;
  const VectorKernels<double>* vectors_f64;
};

// That of the level in use.
extern const Table* in_use;

template <class T>
const auto& of(const auto* narrow, const auto* wide) {
  if constexpr (sizeof(T) == sizeof(float))
    return *narrow;
  else
    return *wide;
}
inline const BatchKernels& batch() { return *in_use->batch; }
template <class T>
const CholeskyKernels<T>& cholesky() {
  return of<T>(in_use->cholesky_f32, in_use->cholesky_f64);
}
inline const CodeKernels& codes() { return *in_use->codes; }
template <class T>
const DropoutKernels<T>& dropout() {
  return of<T>(in_use->dropout_f32, in_use->dropout_f64);
}
inline const GramKernels& gram() { return *in_use->gram; }
inline const LossKernels& losses() { return *in_use->losses; }
template <class T>
const NetworkKernels<T>& networks() {
  return of<T>(in_use->networks_f32, in_use->networks_f64);
}
// T: of the rows; S: of the vectors.
template <class T, class S>
const auto& outputs() {
  if constexpr (sizeof(T) == sizeof(S))
    return of<T>(in_use->outputs_f32, in_use->outputs_f64);
  else
    return *in_use->outputs_mixed;
}
inline const RandomKernels& random() { return *in_use->random; }
template <class T>
const RowKernels<T>& rows() {
  return of<T>(in_use->rows_f32, in_use->rows_f64);
}
inline const ScatteredKernels& scattered() { return *in_use->scattered; }
inline const SoftmaxKernels& softmax() { return *in_use->softmax; }
inline const SparseKernels& sparse() { return *in_use->sparse; }
inline const SumKernels& sums() { return *in_use->sums; }
inline const TaylorKernels& taylor() { return *in_use->taylor; }
template <class T>
const VectorKernels<T>& vectors() {
  return of<T>(in_use->vectors_f32, in_use->vectors_f64);
}

inline constexpr const char* table_name = "hessopt.kernels.Table";  // of a capsule that holds one

// What tells a table from one of another build.
inline constexpr std::uint64_t table_size =
    sizeof(Table) + sizeof(BatchKernels) + sizeof(CholeskyKernels<double>) + sizeof(CodeKernels) +
    sizeof(DropoutKernels<double>) + sizeof(GramKernels) + sizeof(LossKernels) +
    sizeof(NetworkKernels<double>) + sizeof(OutputKernels<float, double>) + sizeof(RandomKernels) +
    sizeof(RowKernels<double>) + sizeof(ScatteredKernels) + sizeof(SoftmaxKernels) +
    sizeof(SparseKernels) + sizeof(SumKernels) + sizeof(TaylorKernels) +
    sizeof(VectorKernels<double>);

}  // namespace hessopt::kernels
