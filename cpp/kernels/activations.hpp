// All activations there are, a struct and a name each: phi, phi' and phi'' at a register of
// numbers. A new one is a struct here and its line in HESSOPT_FOR_EACH_ACTIVATION.
#pragma once

#include <cmath>

#include "hessopt/kernels/networks.hpp"
#include "pack.hpp"

namespace hessopt::kernels {
namespace {

template <Real T>
struct Curve {
  Pack<T> value, slope, bend;  // phi, phi', phi''
};

struct Identity {
  static constexpr const char* name = "identity";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    return {z, T(1), T(0)};
  }
};

// Its derivatives at 0 are 0.
struct Relu {
  static constexpr const char* name = "relu";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Pack<T> zero = T(0), rises = where_negative(negative(z), Pack<T>(T(1)), zero);
    return {where_negative(z, zero, z), rises, zero};
  }
};

struct LeakyRelu {
  static constexpr const char* name = "leaky_relu";
  static constexpr bool has_parameter = true;  // the slope below 0, and at 0
  template <Real T>
  static Curve<T> at(Pack<T> z, Pack<T> below) {
    const Pack<T> slope = where_negative(negative(z), Pack<T>(T(1)), below);
    return {where_negative(z, z * below, z), slope, T(0)};
  }
};

struct Tanh {
  static constexpr const char* name = "tanh";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Pack<T> one = T(1), e = exponential_of_negative(Pack<T>(T(-2)) * absolute(z));
    const Pack<T> q = one / (one + e), t = (one - e) * q, h = where_negative(z, negative(t), t);
    const Pack<T> slope = Pack<T>(T(4)) * e * q * q;
    return {h, slope, Pack<T>(T(-2)) * h * slope};
  }
};

// sigma(z) and sigma(z) (1 - sigma(z)).
template <Real T>
struct Sigma {
  Pack<T> e, value, slope;

  explicit Sigma(Pack<T> z)
      : e(exponential_of_negative(negative(absolute(z)))), value(e), slope(e) {
    const Pack<T> q = Pack<T>(T(1)) / (Pack<T>(T(1)) + e);
    slope = e * q * q;
    value = where_negative(z, e * q, q);
  }
};

struct Sigmoid {
  static constexpr const char* name = "sigmoid";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Sigma<T> s(z);
    return {s.value, s.slope, s.slope * (Pack<T>(T(1)) - (s.value + s.value))};
  }
};

struct Softplus {
  static constexpr const char* name = "softplus";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Sigma<T> s(z);
    return {where_negative(z, Pack<T>(T(0)), z) + log_one_plus(s.e), s.value, s.slope};
  }
};

// z Phi(z), of the normal law.
struct Gelu {
  static constexpr const char* name = "gelu";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    T each[lanes<T>];
    z.store(each);
    for (T& x : each) x = T(0.5) * std::erfc(x * T(-0.70710678118654752440));
    const Pack<T> law = Pack<T>::at(each), z2 = z * z;
    const Pack<T> density =
        Pack<T>(T(0.39894228040143267794)) * exponential_of_negative(Pack<T>(T(-0.5)) * z2);
    return {z * law, fused(z, density, law), (Pack<T>(T(2)) - z2) * density};
  }
};

// z (1 + tanh u) / 2 with u = sqrt(2 / pi) (z + 0.044715 z^3).
struct GeluTanh {
  static constexpr const char* name = "gelu_tanh";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Pack<T> one = T(1), half = T(0.5), c = T(0.79788456080286535588), z2 = z * z;
    const Pack<T> u = c * z * fused(z2, Pack<T>(T(0.044715)), one);
    const Pack<T> u1 = c * fused(z2, Pack<T>(T(0.134145)), one), u2 = c * z * Pack<T>(T(0.26829));
    const Curve<T> tanh = Tanh::at<T>(u);
    const Pack<T> law = half * (one + tanh.value);
    const Pack<T> bend = tanh.bend * u1 * u1 + tanh.slope * u2;  // of tanh u(z)
    return {z * law, law + half * z * tanh.slope * u1, tanh.slope * u1 + half * z * bend};
  }
};

// z sigma(z).
struct Silu {
  static constexpr const char* name = "silu";
  template <Real T>
  static Curve<T> at(Pack<T> z) {
    const Sigma<T> s(z);
    const Pack<T> one = T(1), two = T(2);
    const Pack<T> turn = two + z * (one - two * s.value);
    return {z * s.value, fused(z, s.slope, s.value), s.slope * turn};
  }
};

#define HESSOPT_FOR_EACH_ACTIVATION(X) \
  X(Identity)                          \
  X(Relu)                              \
  X(LeakyRelu)                         \
  X(Tanh)                              \
  X(Sigmoid)                           \
  X(Softplus)                          \
  X(Gelu)                              \
  X(GeluTanh)                          \
  X(Silu)

template <class A>
concept WithParameter = A::has_parameter;

// order: of the derivatives that are wanted
template <class A, Real T, int order>
void activate(Index rows, Index units, Pack<T> parameter, T* z, T* slope, T* bend) {
  for (Index j = 0; j < units; ++j)
    for (Index i = j * network_stride<T>; i < j * network_stride<T> + rows; i += lanes<T>) {
      const Curve<T> at = [&] {
        if constexpr (WithParameter<A>)
          return A::template at<T>(Pack<T>::at(z + i), parameter);
        else
          return A::template at<T>(Pack<T>::at(z + i));
      }();
      at.value.store(z + i);
      if constexpr (order >= 1) at.slope.store(slope + i);
      if constexpr (order >= 2) at.bend.store(bend + i);
    }
}

template <class A, Real T>
consteval ActivationKernel<T> activation_of() {
  return {
      .name = A::name,
      .has_parameter = WithParameter<A>,
      .apply =
          [](Index rows, Index units, T parameter, T* z, T* slope, T* bend) noexcept {
            if (bend != nullptr)
              activate<A, T, 2>(rows, units, parameter, z, slope, bend);
            else if (slope != nullptr)
              activate<A, T, 1>(rows, units, parameter, z, slope, bend);
            else
              activate<A, T, 0>(rows, units, parameter, z, slope, bend);
          },
  };
}

}  // namespace
}  // namespace hessopt::kernels
