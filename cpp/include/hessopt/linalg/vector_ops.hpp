// Long vectors: dot products in float64 whatever the storage, cut by shape and summed in order.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "hessopt/core/blocks.hpp"
#include "hessopt/core/threads.hpp"

namespace hessopt {

// Elements of a task, 128 KiB of doubles, and the least number of tasks for a thread.
inline constexpr Index vector_block = 16384;
inline constexpr Index vector_share = 4;

namespace detail {

template <class A, class B>
double dot_block(const A& a, const B& b, Index begin, Index size) {
  constexpr int lanes = 16;  // independent sums, so that the loop is vector code without fast-math
  double sums[lanes] = {};
  const Index whole = size / lanes * lanes;
  for (Index i = begin; i < begin + whole; i += lanes)
    for (int l = 0; l < lanes; ++l)
      sums[l] += static_cast<double>(a[i + l]) * static_cast<double>(b[i + l]);
  double sum = 0;
  for (Index i = begin + whole; i < begin + size; ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int l = 0; l < half; ++l) sums[l] += sums[l + half];
  return sums[0] + sum;
}

}  // namespace detail

// a and b: anything with operator[], a pointer above all.
template <class A, class B>
double dot(const A& a, const B& b, Index size) {
  const Cut tasks{size, vector_block};
  if (tasks.count() == 1) return detail::dot_block(a, b, 0, size);
  Array partial(tasks.count());
  parallel_for(
      tasks.count(),
      [&](Index t) { partial[t] = detail::dot_block(a, b, tasks.begin(t), tasks.size(t)); },
      vector_share);
  double sum = 0;
  for (const double p : partial) sum += p;
  return sum;
}

template <class A, class B>
double dot(const Eigen::DenseBase<A>& a, const Eigen::DenseBase<B>& b) {
  return dot(a.derived().data(), b.derived().data(), a.size());
}
// max |a_i|; NaN wherever there is one. Bits without their sign are ordered as integers, NaN last.
template <class A>
double max_norm(const Eigen::DenseBase<A>& a) {
  using Scalar = typename A::Scalar;
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;
  constexpr int lanes = 16;
  constexpr Bits magnitude = std::numeric_limits<Bits>::max();
  const Scalar* data = a.derived().data();
  const Cut tasks{a.size(), vector_block};
  std::vector<Bits> partial(static_cast<std::size_t>(tasks.count()), 0);
  parallel_for(
      tasks.count(),
      [&](Index t) {
        Bits most[lanes] = {};
        const Scalar* from = data + tasks.begin(t);
        const Index size = tasks.size(t), whole = size / lanes * lanes;
        for (Index i = 0; i < whole; i += lanes)
          for (int l = 0; l < lanes; ++l)
            most[l] = std::max(most[l], std::bit_cast<Bits>(from[i + l]) & magnitude);
        for (Index i = whole; i < size; ++i)
          most[0] = std::max(most[0], std::bit_cast<Bits>(from[i]) & magnitude);
        partial[static_cast<std::size_t>(t)] = *std::max_element(most, most + lanes);
      },
      vector_share);
  Bits most = 0;
  for (const Bits p : partial) most = std::max(most, p);
  return static_cast<double>(std::bit_cast<Scalar>(most));
}

// Whatever its size: squares of the smallest and largest numbers are not representable.
template <class A>
double norm(const Eigen::DenseBase<A>& a) {
  const double square = dot(a, a);
  if (square > 1e-280 && square < 1e280) return std::sqrt(square);
  const double largest = max_norm(a);
  if (largest == 0 || !std::isfinite(largest)) return largest;
  struct Scaled {
    const A& a;
    double unit;
    double operator[](Index i) const { return static_cast<double>(a.data()[i]) * unit; }
  };
  const double unit = std::ldexp(1.0, -std::ilogb(largest));
  const Scaled scaled{a.derived(), unit};
  return std::sqrt(dot(scaled, scaled, a.size())) / unit;
}

// f(begin, size) over the blocks of a long vector: every elementwise update goes through here.
template <class F>
void for_blocks(Index size, F&& f) {
  const Cut tasks{size, vector_block};
  if (tasks.count() == 1) return f(Index{0}, size);
  parallel_for(tasks.count(), [&](Index t) { f(tasks.begin(t), tasks.size(t)); }, vector_share);
}

// y += a x
template <class X, class Y>
void axpy(double a, const X& x, Y&& y, Index size) {
  using Scalar = std::remove_cvref_t<decltype(y[0])>;
  const Scalar scale = static_cast<Scalar>(a);
  for_blocks(size, [&](Index begin, Index count) {
    for (Index i = begin; i < begin + count; ++i) y[i] += scale * static_cast<Scalar>(x[i]);
  });
}

}  // namespace hessopt
