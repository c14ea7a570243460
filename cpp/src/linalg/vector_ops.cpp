#include "hessopt/linalg/vector_ops.hpp"

#include <algorithm>
#include <cmath>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {
namespace {

// Elements of a task, 128 KiB of doubles, and the least number of tasks for a thread.
constexpr Index vector_block = 16384;
constexpr Index vector_share = 4;

}  // namespace

void for_blocks(Index size, FunctionRef<void(Index, Index)> f) {
  const Cut tasks{size, vector_block};
  if (tasks.count() <= 1) return f(0, size);
  parallel_for(tasks.count(), [&](Index t) { f(tasks.begin(t), tasks.size(t)); }, vector_share);
}

double sum_over_blocks(Index size, FunctionRef<double(Index, Index)> part) {
  const Cut tasks{size, vector_block};
  if (tasks.count() <= 1) return part(0, size);
  Array partial(tasks.count());
  parallel_for(
      tasks.count(), [&](Index t) { partial[t] = part(tasks.begin(t), tasks.size(t)); },
      vector_share);
  double sum = 0;
  for (const double p : partial) sum += p;
  return sum;
}

template <Real A, Real B>
double dot(const VectorView<A>& a, const VectorView<B>& b) {
  const auto& k = kernels::vectors<A>();
  return sum_over_blocks(a.size, [&](Index begin, Index size) {
    const A* from = a.data + begin * a.stride;
    if constexpr (std::same_as<A, B>) {
      if (a.stride != 1 || b.stride != 1)
        return k.dot_strided(size, from, a.stride, b.data + begin * b.stride, b.stride);
      return k.dot(size, from, b.data + begin);
    } else {
      return k.dot_wide(size, from, b.data + begin);
    }
  });
}

template <Real X, Real Y>
void axpy(double a, const VectorView<X>& x, Y* y) {
  const auto& k = kernels::vectors<X>();
  for_blocks(x.size, [&](Index begin, Index size) {
    const X* from = x.data + begin * x.stride;
    if constexpr (std::same_as<X, Y>)
      k.axpy(size, static_cast<X>(a), from, x.stride, y + begin);
    else
      k.axpy_wide(size, a, from, y + begin);
  });
}

template <Real T>
double max_norm(const T* a, Index size) {
  const auto& k = kernels::vectors<T>();
  const Cut tasks{size, vector_block};
  if (tasks.count() <= 1) return static_cast<double>(k.max_abs(size, a));
  VectorOf<T> partial(tasks.count());
  parallel_for(
      tasks.count(), [&](Index t) { partial[t] = k.max_abs(tasks.size(t), a + tasks.begin(t)); },
      vector_share);
  return static_cast<double>(k.max_abs(partial.size(), partial.data()));
}

template <Real T>
double norm(const T* a, Index size) {
  const double square = dot(a, a, size);
  if (square > 1e-280 && square < 1e280) return std::sqrt(square);
  const double largest = max_norm(a, size);
  if (largest == 0 || !std::isfinite(largest)) return largest;
  const double unit = std::ldexp(1.0, std::min(1000, -std::ilogb(largest)));
  const double scaled = sum_over_blocks(size, [&](Index begin, Index count) {
    constexpr Index piece = 256;
    alignas(64) double x[piece];
    double sum = 0;
    for (Index i = 0; i < count; i += piece) {
      const Index n = std::min(piece, count - i);
      kernels::vectors<T>().widen(n, unit, a + begin + i, x);
      sum += kernels::vectors<double>().dot(n, x, x);
    }
    return sum;
  });
  return std::sqrt(scaled) / unit;
}

template <Real T>
void combine(double a, const VectorOf<T>& x, double b, const VectorOf<T>& y, VectorOf<T>& out) {
  out.resize(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().combine(size, static_cast<T>(a), x.data() + begin, static_cast<T>(b),
                                  y.data() + begin, out.data() + begin);
  });
}

template <Real T>
void add(const VectorOf<T>& x, const Vector& d, VectorOf<T>& out) {
  out.resize(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().add_narrow(size, x.data() + begin, d.data() + begin, out.data() + begin);
  });
}

template <Real T>
Vector widened(double unit, ConstVectorRefOf<T> x) {
  Vector out(x.size());
  for_blocks(x.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().widen(size, unit, x.data() + begin, out.data() + begin);
  });
  return out;
}

template <Real T>
void narrow(double unit, const Vector& x, Eigen::Ref<VectorOf<T>> out) {
  for_blocks(x.size(), [&](Index begin, Index size) {
    kernels::vectors<T>().narrow(size, unit, x.data() + begin, out.data() + begin);
  });
}

template <Real T>
void scale(double factor, VectorOf<T>& x) {
  combine(factor, x, 0, x, x);
}

void multiply(const Vector& factors, Vector& x) {
  for_blocks(x.size(), [&](Index begin, Index size) {
    kernels::vectors<double>().multiply(size, factors.data() + begin, x.data() + begin,
                                        x.data() + begin);
  });
}

#define HESSOPT_VECTORS_OF(T)                                                                  \
  template double dot(const VectorView<T>&, const VectorView<T>&);                             \
  template void axpy(double, const VectorView<T>&, T*);                                        \
  template double max_norm(const T*, Index);                                                   \
  template double norm(const T*, Index);                                                       \
  template void combine(double, const VectorOf<T>&, double, const VectorOf<T>&, VectorOf<T>&); \
  template void scale(double, VectorOf<T>&);                                                   \
  template void add(const VectorOf<T>&, const Vector&, VectorOf<T>&);                          \
  template Vector widened<T>(double, ConstVectorRefOf<T>);                                     \
  template void narrow<T>(double, const Vector&, Eigen::Ref<VectorOf<T>>);
HESSOPT_VECTORS_OF(float)
HESSOPT_VECTORS_OF(double)
#undef HESSOPT_VECTORS_OF
template double dot(const VectorView<float>&, const VectorView<double>&);
template void axpy(double, const VectorView<float>&, double*);

}  // namespace hessopt
