#include <Eigen/Core>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "lbfgs_passes.hpp"
#include "parts.hpp"

namespace hessopt::kernels {
namespace {

// Elementwise work is written in Eigen's arrays: where the result takes the place of an operand,
// compilers that must prove it harmless do not make vector code of a plain loop.
template <class T>
using Column = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstColumn = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
double dot(Index n, const T* a, const T* b) noexcept {
  return dot_block(a, b, n);
}
template <class T>
double dot_wide(Index n, const T* a, const double* b) noexcept {
  return dot_block(a, b, n);
}
template <class T>
struct Strided {
  const T* data;
  Index stride;
  T operator[](Index i) const { return data[i * stride]; }
};
template <class T>
double dot_strided(Index n, const T* a, Index a_stride, const T* b, Index b_stride) noexcept {
  return dot_block(Strided<T>{a, a_stride}, Strided<T>{b, b_stride}, n);
}

template <class T>
void axpy(Index n, T scale, const T* x, Index stride, T* y) noexcept {
  if (stride == 1) {
    for (Index i = 0; i < n; ++i) y[i] += scale * x[i];
  } else {
    for (Index i = 0; i < n; ++i) y[i] += scale * x[i * stride];
  }
}
template <class T>
void axpy_wide(Index n, double scale, const T* x, double* y) noexcept {
  add_multiple(n, scale, x, y);
}

// Bits without their sign are ordered as integers, NaN last.
template <class T>
T max_abs(Index n, const T* x) noexcept {
  using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  constexpr int lanes = 16;
  constexpr Bits magnitude = std::numeric_limits<Bits>::max();
  Bits most[lanes] = {};
  const Index whole = n / lanes * lanes;
  for (Index i = 0; i < whole; i += lanes)
    for (int l = 0; l < lanes; ++l)
      most[l] = std::max(most[l], std::bit_cast<Bits>(x[i + l]) & magnitude);
  for (Index i = whole; i < n; ++i)
    most[0] = std::max(most[0], std::bit_cast<Bits>(x[i]) & magnitude);
  return std::bit_cast<T>(*std::max_element(most, most + lanes));
}

template <class T>
void combine(Index n, T a, const T* x, T b, const T* y, T* out) noexcept {
  Column<T>(out, n) = a * ConstColumn<T>(x, n) + b * ConstColumn<T>(y, n);
}
template <class T>
void add_narrow(Index n, const T* x, const double* d, T* out) noexcept {
  if constexpr (sizeof(T) == sizeof(double))
    Column<T>(out, n) = ConstColumn<T>(x, n) + ConstColumn<T>(d, n);
  else
    for (Index i = 0; i < n; ++i) out[i] = x[i] + static_cast<T>(d[i]);
}
template <class T>
void widen(Index n, double unit, const T* x, double* out) noexcept {
  if constexpr (sizeof(T) == sizeof(double))
    Column<T>(out, n) = unit * ConstColumn<T>(x, n);
  else
    for (Index i = 0; i < n; ++i) out[i] = unit * static_cast<double>(x[i]);
}
template <class T>
void narrow(Index n, double unit, const double* x, T* out) noexcept {
  if constexpr (sizeof(T) == sizeof(double))
    Column<T>(out, n) = unit * ConstColumn<T>(x, n);
  else
    for (Index i = 0; i < n; ++i) out[i] = static_cast<T>(unit * x[i]);
}
template <class T>
void multiply(Index n, const T* x, const T* y, T* out) noexcept {
  Column<T>(out, n) = ConstColumn<T>(x, n) * ConstColumn<T>(y, n);
}

template <class T>
struct Slope {
  const T* g;
  double unit;
  double operator[](Index i) const { return unit * std::abs(static_cast<double>(g[i])); }
};
template <class T>
struct Size {
  const T* x;
  T operator[](Index i) const { return std::abs(x[i]); }
};
template <class T>
struct LargerSize {
  const T *x, *start;
  T operator[](Index i) const { return std::max(std::abs(x[i]), std::abs(start[i])); }
};
template <class T>
double first_order_size(Index n, const T* g, double unit, const T* x, const T* start) noexcept {
  const Slope<T> slope{g, unit};
  return start == nullptr ? dot_block(slope, Size<T>{x}, n)
                          : dot_block(slope, LargerSize<T>{x, start}, n);
}

template <class T>
struct Quotient {
  const T* s;
  T step;
  T operator[](Index i) const { return s[i] / step; }
};
template <class T>
struct Difference {
  const T *to, *from;
  T operator[](Index i) const { return to[i] - from[i]; }
};
template <class T>
double secant(Index n, const T* s, T step, const T* g0, const T* g1) noexcept {
  return dot_block(Quotient<T>{s, step}, Difference<T>{g1, g0}, n);
}

template <class T>
void momentum(Index n, T momentum, T rate, const T* x, const T* g, T* v, T* out) noexcept {
  Column<T> velocity(v, n);
  velocity = momentum * velocity + ConstColumn<T>(g, n);
  Column<T>(out, n) = ConstColumn<T>(x, n) - rate * velocity;
}

// v, but 0 where it is next to nothing: what shrinks with every step would be denormal in the end,
// and stay so, at a hundred times the cost of any other number.
template <class V>
auto settled(const V& v) {
  using T = typename V::Scalar;
  constexpr T nothing = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  return v - v.max(-nothing).min(nothing);
}

template <class T>
void adam(Index n, const AdamStep<T>* step, const T* x, const T* g, T* m, T* v, T* most,
          T* out) noexcept {
  const auto [beta1, rest1, beta2, rest2, keep, rate, root, epsilon] = *step;
  const ConstColumn<T> gradient(g, n);
  Column<T> first(m, n), second(v, n), size(most == nullptr ? v : most, n);
  first = beta1 * first + rest1 * gradient;
  first = settled(first);
  second = (beta2 * second + rest2 * gradient.square()).max(std::numeric_limits<T>::min());
  if (most != nullptr) size = size.max(second);
  Column<T> next(out, n);
  next = keep * ConstColumn<T>(x, n) - rate * first / (root * size.sqrt() + epsilon);
  next = settled(next);
}

template <class T>
constexpr VectorKernels<T> all{
    .dot = &dot<T>,
    .dot_strided = &dot_strided<T>,
    .dot_wide = &dot_wide<T>,
    .axpy = &axpy<T>,
    .axpy_wide = &axpy_wide<T>,
    .max_abs = &max_abs<T>,
    .combine = &combine<T>,
    .add_narrow = &add_narrow<T>,
    .widen = &widen<T>,
    .narrow = &narrow<T>,
    .multiply = &multiply<T>,
    .first_order_size = &first_order_size<T>,
    .secant = &secant<T>,
    .momentum = &momentum<T>,
    .adam = &adam<T>,
    .pairs = {.push = &push_pair<T, T>, .combine = &combine_pairs<T, T>},
    .wide_pairs = {.push = &push_pair<double, T>, .combine = &combine_pairs<double, T>},
    .products = &products<T>,
    .down = &down<T>,
    .up = &up<T>,
};

}  // namespace

namespace parts {

constinit const VectorKernels<float> vectors_f32 = all<float>;
constinit const VectorKernels<double> vectors_f64 = all<double>;

}  // namespace parts
}  // namespace hessopt::kernels
