// Long vectors, cut among the threads by shape alone; products are summed in float64 whatever the
// storage, in the order of the blocks.
#pragma once

#include "hessopt/core/function_ref.hpp"
#include "hessopt/core/matrix_view.hpp"

namespace hessopt {

// f(begin, size) over the blocks of a vector: every pass over one goes through here.
void for_blocks(Index size, FunctionRef<void(Index, Index)> f);
// The sum of part(begin, size) over the same blocks.
double sum_over_blocks(Index size, FunctionRef<double(Index, Index)> part);

// A = B, or A = float and B = double with strides of 1.
template <Real A, Real B>
double dot(const VectorView<A>& a, const VectorView<B>& b);
template <Real A, Real B>
double dot(const A* a, const B* b, Index size) {
  return dot(VectorView<A>{a, size, 1}, VectorView<B>{b, size, 1});
}
template <class A, class B>
double dot(const Eigen::DenseBase<A>& a, const Eigen::DenseBase<B>& b) {
  return dot(a.derived().data(), b.derived().data(), a.size());
}

// y += a x, of the same types.
template <Real X, Real Y>
void axpy(double a, const VectorView<X>& x, Y* y);
template <Real X, Real Y>
void axpy(double a, const X* x, Y* y, Index size) {
  axpy(a, VectorView<X>{x, size, 1}, y);
}

// max |a_i|; NaN wherever there is one.
template <Real T>
double max_norm(const T* a, Index size);
template <class A>
double max_norm(const Eigen::DenseBase<A>& a) {
  return max_norm(a.derived().data(), a.size());
}

// Whatever its size: squares of the smallest and largest numbers are not representable.
template <Real T>
double norm(const T* a, Index size);
template <class A>
double norm(const Eigen::DenseBase<A>& a) {
  return norm(a.derived().data(), a.size());
}

// Element by element; out may be an operand.

// out = a x + b y
template <Real T>
void combine(double a, const VectorOf<T>& x, double b, const VectorOf<T>& y, VectorOf<T>& out);
// out = x + d
template <Real T>
void add(const VectorOf<T>& x, const Vector& d, VectorOf<T>& out);
// unit x in float64, and the way back: out = unit x in T.
template <Real T>
Vector widened(double unit, ConstVectorRefOf<T> x);
template <Real T>
void narrow(double unit, const Vector& x, Eigen::Ref<VectorOf<T>> out);
// x <- factor x
template <Real T>
void scale(double factor, VectorOf<T>& x);
// x_i <- factor_i x_i
void multiply(const Vector& factors, Vector& x);

}  // namespace hessopt
