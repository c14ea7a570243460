// Scalars, indices and the Eigen types that every floor uses.
#pragma once

#include <Eigen/Core>
#include <concepts>
#include <cstdint>

// For hot loops that a compiler turns into vector code on their own, and not always when they are
// inlined into their callers.
#if defined(_MSC_VER)
#define HESSOPT_NOINLINE __declspec(noinline)
#else
#define HESSOPT_NOINLINE __attribute__((noinline))
#endif

namespace hessopt {

using Index = Eigen::Index;
static_assert(sizeof(Index) == 8, "hessopt counts rows and parameters with 64 bits");

template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

template <class T>
using VectorOf = Eigen::Matrix<T, Eigen::Dynamic, 1>;
template <class T>
using MatrixOf = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;  // column-major
template <class T>
using RowMatrixOf = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using Vector = VectorOf<double>;
using Matrix = MatrixOf<double>;
using RowMatrix = RowMatrixOf<double>;
using Array = Eigen::ArrayXd;

template <class T>
using ConstVectorRefOf = Eigen::Ref<const VectorOf<T>>;
using ConstVectorRef = ConstVectorRefOf<double>;
using VectorRef = Eigen::Ref<Vector>;
template <class T>
using MatrixRefOf = Eigen::Ref<MatrixOf<T>, 0, Eigen::OuterStride<>>;
using MatrixRef = MatrixRefOf<double>;

}  // namespace hessopt
